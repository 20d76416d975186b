using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HeartSound.Native.Mosquitto;

/// <summary>
/// One client object of libmosquitto with its callbacks, which come on the thread that calls <see cref="Loop"/>. Publish, Subscribe and
/// Disconnect may be called by other threads meanwhile. A fault is a text for people; null means success.
/// </summary>
internal sealed unsafe class MosquittoSession : IDisposable
{
    // libmosquitto's own default, stated: so many messages of QoS 1 and 2 are on their way at once, the others wait for their turn.
    private const uint MaxInflight = 20;

    // Once a process. Not a static initialiser, which would hide a missing library behind a TypeInitializationException.
    private static readonly Lazy<int> Initialised = new(MosquittoNative.mosquitto_lib_init);

    private readonly MosquittoOptions _options;
    private readonly MosquittoHandle _handle;
    private readonly Action _connected;
    private readonly Action<int> _acknowledged;
    private readonly Action<MosquittoMessage> _received;
    private string? _refusal;

    public MosquittoSession(MosquittoOptions options, Action connected, Action<int> acknowledged, Action<MosquittoMessage> received)
    {
        _options = options;
        _connected = connected;
        _acknowledged = acknowledged;
        _received = received;
        Check(Initialised.Value, "mosquitto_lib_init");

        // Weak: a client that nobody holds any more can be collected, and its handle's finaliser frees both.
        var userData = GCHandle.Alloc(this, GCHandleType.Weak);
        var client = MosquittoNative.mosquitto_new(options.ClientId, cleanSession: true, GCHandle.ToIntPtr(userData));
        if (client == 0)
        {
            userData.Free();
            throw new MosquittoException($"mosquitto_new failed: {Marshal.GetLastPInvokeErrorMessage()}. Is the client id '{options.ClientId}' valid?");
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

    public string? Connect() => Describe(
        MosquittoNative.mosquitto_connect(_handle, _options.Host, _options.Port, (int)_options.KeepAlive.TotalSeconds));

    public string? Reconnect() => Describe(MosquittoNative.mosquitto_reconnect(_handle));

    /// <summary>Waits up to <paramref name="timeoutMilliseconds"/> for something to read or write, and does it. The connection has ended when there is a fault.</summary>
    public string? Loop(int timeoutMilliseconds)
    {
        // max_packets is documented as unused and must be 1.
        var code = MosquittoNative.mosquitto_loop(_handle, timeoutMilliseconds, 1);
        var fault = Describe(code);
        if (fault is null || _refusal is null)
            return fault;
        fault = _refusal;
        _refusal = null;
        return fault;
    }

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

    /// <summary>The message's id; null when QoS 0 cannot be sent because there is no connection.</summary>
    public int? Publish(string topic, ReadOnlySpan<byte> payload, int qos, bool retain)
    {
        int code, messageId;
        fixed (byte* data = payload)
            code = MosquittoNative.mosquitto_publish(_handle, out messageId, topic, payload.Length, data, qos, retain);
        if (code == MosquittoNative.NoConnection)
            return qos == 0 ? null : messageId;
        Check(code, $"Publishing to '{topic}' ({payload.Length} bytes, QoS {qos})");
        return messageId;
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
        Check(MosquittoNative.mosquitto_max_inflight_messages_set(_handle, MaxInflight), "mosquitto_max_inflight_messages_set");
        if (_options.Username is not null)
            Check(MosquittoNative.mosquitto_username_pw_set(_handle, _options.Username, _options.Password), "Setting user name and password");
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
        MosquittoNative.mosquitto_publish_callback_set(_handle, &OnPublish);
        MosquittoNative.mosquitto_message_callback_set(_handle, &OnMessage);
    }

    private static void Check(int code, string operation)
    {
        if (code != MosquittoNative.Success)
            throw new MosquittoException($"{operation} failed: {Text(MosquittoNative.mosquitto_strerror(code))} (libmosquitto code {code})");
    }

    private string? Describe(int code)
    {
        if (code == MosquittoNative.Success)
            return null;
        var reason = code == MosquittoNative.Errno
            ? Marshal.GetLastPInvokeErrorMessage()
            : Text(MosquittoNative.mosquitto_strerror(code)).TrimEnd('.');
        return $"{_options.Host}:{_options.Port}: {reason}";
    }

    private static string Text(nint text) => Marshal.PtrToStringUTF8(text) ?? "";

    // What throws in a callback would end the process; the client's handlers catch all, and these three lines do for the rest.
    private static void Serve(nint userData, Action<MosquittoSession> action)
    {
        try
        {
            if (GCHandle.FromIntPtr(userData).Target is MosquittoSession session)
                action(session);
        }
        catch (Exception)
        {
            // Reading a message or subscribing again failed; the message is lost, the connection goes on.
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnConnect(nint client, nint userData, int code) => Serve(userData, session =>
    {
        if (code == 0)
        {
            session._refusal = null;
            session._connected();
            return;
        }

        // 4 and 5 are the codes for a bad user name or password and for a client that is not authorised (MQTT 3.1.1, 3.2.2.3).
        var advice = code is 4 or 5 ? "; check the user name and password" : "";
        session._refusal = $"{session._options.Host}:{session._options.Port}: {Text(MosquittoNative.mosquitto_connack_string(code)).TrimEnd('.')}{advice}";
    });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnPublish(nint client, nint userData, int messageId) => Serve(userData, session => session._acknowledged(messageId));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnMessage(nint client, nint userData, MosquittoNative.Message* message)
    {
        var pointer = (nint)message;
        Serve(userData, session =>
        {
            var native = *(MosquittoNative.Message*)pointer;
            var payload = new ReadOnlySpan<byte>((void*)native.Payload, native.PayloadLength).ToArray();
            session._received(new MosquittoMessage(Text(native.Topic), payload, native.Qos, native.Retain != 0));
        });
    }
}
