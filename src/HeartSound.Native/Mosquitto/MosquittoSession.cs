using System.Runtime.InteropServices;

namespace HeartSound.Native.Mosquitto;

/// <summary>
/// One client object of libmosquitto with its callbacks, which come on the thread that calls <see cref="Loop"/>. Publish, Subscribe and
/// Disconnect may be called by other threads meanwhile. A fault is a value; null means success.
/// </summary>
internal sealed unsafe partial class MosquittoSession : IDisposable
{
    // Once a process. Not a static initialiser, which would hide a missing library behind a TypeInitializationException.
    private static readonly Lazy<int> Initialised = new(MosquittoNative.mosquitto_lib_init);

    private readonly MosquittoOptions _options;
    private readonly MosquittoHandle _handle;
    private readonly bool _hasMqtt5;
    private readonly Action<int, string?> _answered;
    private readonly Action<MosquittoMessage> _received;
    private volatile MosquittoProtocol _protocol = MosquittoProtocol.Mqtt311;
    private volatile string? _tlsFault;
    private MosquittoFault? _refusal;
    private bool _reached;

    /// <param name="options">Where and how to connect.</param>
    /// <param name="answered">Gets libmosquitto's id of a message that the broker has taken, or turned away with a reason.</param>
    /// <param name="received">Gets what comes from the broker.</param>
    public MosquittoSession(MosquittoOptions options, Action<int, string?> answered, Action<MosquittoMessage> received)
    {
        _options = options;
        _answered = answered;
        _received = received;
        _hasMqtt5 = MosquittoLibrary.HasMqtt5;
        Check(Initialised.Value, "mosquitto_lib_init");

        // Weak: a client that nobody holds any more can be collected, and its handle's finaliser frees both.
        var userData = GCHandle.Alloc(this, GCHandleType.Weak);
        var id = options.ClientId ?? $"mosq-{Guid.NewGuid():N}"[..23]; // as long as MQTT 3.1 brokers take
        var client = MosquittoNative.mosquitto_new(id, cleanSession: true, GCHandle.ToIntPtr(userData));
        if (client == 0)
        {
            userData.Free();
            throw new MosquittoException($"mosquitto_new failed: {Marshal.GetLastPInvokeErrorMessage()}. Is the client id '{id}' valid?");
        }

        _handle = new MosquittoHandle(client, userData);
        try
        {
            Configure();
        }
        catch
        {
            _handle.Dispose();
            throw;
        }
    }

    /// <summary>Whether the broker has taken this client on the present connection.</summary>
    public bool IsAccepted { get; private set; }

    public MosquittoProtocol Protocol => _protocol;

    /// <summary>The first attempt.</summary>
    public MosquittoFault? Connect(MosquittoProtocol protocol)
    {
        Begin(protocol);
        return Reached(MosquittoNative.mosquitto_connect(_handle, _options.Host, _options.Port, (int)_options.KeepAlive.TotalSeconds));
    }

    /// <summary>Every further one.</summary>
    public MosquittoFault? Reconnect(MosquittoProtocol protocol)
    {
        Begin(protocol);
        return Reached(MosquittoNative.mosquitto_reconnect(_handle));
    }

    /// <summary>Waits up to <paramref name="timeoutMilliseconds"/> for something to read or write, and does it. The connection has ended when there is a fault.</summary>
    public MosquittoFault? Loop(int timeoutMilliseconds) =>
        FaultOf(MosquittoNative.mosquitto_loop(_handle, timeoutMilliseconds, 1)); // max_packets is documented as unused and must be 1

    /// <summary>Takes leave; false when there is no connection, or the session has been disposed, which its thread may do at any time.</summary>
    public bool Disconnect()
    {
        try
        {
            return MosquittoNative.mosquitto_disconnect(_handle) == MosquittoNative.Success;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>libmosquitto's id of the message; null when QoS 0 cannot be sent because there is no connection.</summary>
    public int? Publish(string topic, ReadOnlySpan<byte> payload, int qos, bool retain, TimeSpan? expiry)
    {
        int code, messageId;
        fixed (byte* data = payload)
        {
            code = expiry is { } left && _protocol == MosquittoProtocol.Mqtt5
                ? PublishWithExpiry(left, out messageId, topic, payload.Length, data, qos, retain)
                : MosquittoNative.mosquitto_publish(_handle, out messageId, topic, payload.Length, data, qos, retain);
        }

        if (code == MosquittoNative.NoConnection)
            return qos == 0 ? null : messageId;
        Check(code, $"Publishing to '{topic}' ({payload.Length} bytes, QoS {qos})");
        return messageId;
    }

    /// <exception cref="MosquittoException">No message can have such a topic, or be so long.</exception>
    public static void ThrowUnlessPublishable(string topic, int payloadBytes)
    {
        Check(MosquittoNative.mosquitto_pub_topic_check(topic), $"Publishing to '{topic}'");
        if (payloadBytes > MosquittoNative.MaxPayload)
            throw new MosquittoException($"Publishing to '{topic}' failed: {payloadBytes} bytes are too many.");
    }

    public void Subscribe(string topic, int qos)
    {
        var code = MosquittoNative.mosquitto_subscribe(_handle, 0, topic, qos);

        // The client subscribes again after the next connect.
        if (code != MosquittoNative.NoConnection)
            Check(code, $"Subscribing to '{topic}'");
    }

    public void Dispose() => _handle.Dispose();

    private void Configure()
    {
        // The loop runs on one thread, and others publish.
        Check(MosquittoNative.mosquitto_threaded_set(_handle, threaded: true), "mosquitto_threaded_set");
        if (_options.Username is not null)
            Check(MosquittoNative.mosquitto_username_pw_set(_handle, _options.Username, _options.Password), "Setting user name and password");
        if (_options.Tls is { } tls)
            ConfigureTls(tls);
        if (_options.Will is { } will)
        {
            fixed (byte* payload = will.Payload.Span)
            {
                Check(
                    MosquittoNative.mosquitto_will_set(_handle, will.Topic, will.Payload.Length, payload, will.Qos, will.Retain),
                    $"Setting the will on '{will.Topic}'");
            }
        }

        MosquittoNative.mosquitto_connect_callback_set(_handle, &OnConnect);
        MosquittoNative.mosquitto_disconnect_callback_set(_handle, &OnDisconnect);
        MosquittoNative.mosquitto_message_callback_set(_handle, &OnMessage);
        if (_hasMqtt5)
            MosquittoNative.mosquitto_publish_v5_callback_set(_handle, &OnPublish5);
        else
            MosquittoNative.mosquitto_publish_callback_set(_handle, &OnPublish);
    }

    // Without mosquitto_tls_opts_set: its default is TLS 1.2 and whatever is younger, and to ask for that by name would leave 1.3 out.
    private void ConfigureTls(MosquittoTls tls)
    {
        var folder = Directory.Exists(tls.Authorities);
        Check(
            MosquittoNative.mosquitto_tls_set(_handle, folder ? null : tls.Authorities, folder ? tls.Authorities : null, tls.CertificateFile, tls.KeyFile, &NoPassphrase),
            $"Reading the TLS files ({string.Join(", ", new[] { tls.Authorities, tls.CertificateFile, tls.KeyFile }.OfType<string>())})");
        Check(MosquittoNative.mosquitto_tls_insecure_set(_handle, insecure: false), "mosquitto_tls_insecure_set");

        // The only place where libmosquitto says what is wrong with an encrypted connection.
        MosquittoNative.mosquitto_log_callback_set(_handle, &OnLog);
    }

    private void Begin(MosquittoProtocol protocol)
    {
        IsAccepted = false;
        _reached = false;
        _refusal = null;
        _tlsFault = null;
        if (_hasMqtt5)
            Check(MosquittoNative.mosquitto_int_option(_handle, MosquittoNative.OptionProtocolVersion, (int)protocol), $"Choosing {protocol}");
        _protocol = protocol;

        // The broker's answer to the last attempt may have put another number in its place.
        Check(MosquittoNative.mosquitto_max_inflight_messages_set(_handle, (uint)_options.MaxInflight), "mosquitto_max_inflight_messages_set");
    }

    private MosquittoFault? Reached(int code)
    {
        var fault = FaultOf(code);
        _reached = fault is null;
        return fault;
    }

    private int PublishWithExpiry(TimeSpan left, out int messageId, string topic, int length, byte* data, int qos, bool retain)
    {
        nint properties = 0;
        try
        {
            var seconds = (uint)Math.Clamp(Math.Ceiling(left.TotalSeconds), 1, uint.MaxValue);
            Check(MosquittoNative.mosquitto_property_add_int32(ref properties, MosquittoNative.PropertyMessageExpiry, seconds), "mosquitto_property_add_int32");
            return MosquittoNative.mosquitto_publish_v5(_handle, out messageId, topic, length, data, qos, retain, properties);
        }
        finally
        {
            MosquittoNative.mosquitto_property_free_all(ref properties);
        }
    }

    private MosquittoFault? FaultOf(int code)
    {
        if (code == MosquittoNative.Success)
            return null;
        if (_refusal is { } refusal)
            return refusal;
        var text = code == MosquittoNative.Errno ? Marshal.GetLastPInvokeErrorMessage() : Text(MosquittoNative.mosquitto_strerror(code)).TrimEnd('.');
        if (IsAccepted)
            return Fault(MosquittoFaultKind.Lost, text);
        if (code is MosquittoNative.Tls or MosquittoNative.TlsHandshake || _tlsFault is not null)
            return Fault(MosquittoFaultKind.Tls, _tlsFault is { } said ? $"TLS: {said}" : text);
        if (!_reached)
            return Fault(MosquittoFaultKind.Unreachable, text);
        return code == MosquittoNative.KeepAlive
            ? Fault(MosquittoFaultKind.Silent, "took the connection and does not answer")
            : Fault(MosquittoFaultKind.ClosedEarly, $"closed the connection without an answer ({text})");
    }

    private MosquittoFault Fault(MosquittoFaultKind kind, string text) => new(kind, $"{_options.Host}:{_options.Port}: {text}");

    // 1, 4 and 5 are MQTT 3.1.1's (3.2.2.3), the others MQTT 5's (3.2.2.2). A broker without MQTT 5 answers with a code of 3.1.1.
    private MosquittoFault RefusalOf(int code)
    {
        var text = (code >= 0x80 && _hasMqtt5 ? Text(MosquittoNative.mosquitto_reason_string(code)) : Text(MosquittoNative.mosquitto_connack_string(code))).TrimEnd('.');
        return code switch
        {
            1 or 0x84 => Fault(MosquittoFaultKind.ProtocolRefused, text),
            4 or 5 or 0x86 or 0x87 or 0x8c => Fault(MosquittoFaultKind.BadCredentials, $"{text}; check the user name and password"),
            _ => Fault(MosquittoFaultKind.Refused, text),
        };
    }

    private static void Check(int code, string operation)
    {
        if (code != MosquittoNative.Success)
            throw new MosquittoException($"{operation} failed: {Text(MosquittoNative.mosquitto_strerror(code))} (libmosquitto code {code})");
    }

    private static string Text(nint text) => Marshal.PtrToStringUTF8(text) ?? "";
}
