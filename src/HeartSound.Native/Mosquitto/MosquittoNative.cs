using System.Runtime.InteropServices;

namespace HeartSound.Native.Mosquitto;

/// <summary>The functions of libmosquitto (<c>mosquitto.h</c>, 1.4 and later) by their native names. Results are <c>mosq_err_t</c>. Those of MQTT 5 are there
/// when <see cref="MosquittoLibrary.HasMqtt5"/> says so.</summary>
internal static unsafe partial class MosquittoNative
{
    public const int Success = 0;
    public const int Protocol = 2;
    public const int NoConnection = 4;
    public const int Tls = 8;
    public const int NotSupported = 10;
    public const int Errno = 14;
    public const int KeepAlive = 19;
    public const int MalformedPacket = 21;
    public const int TlsHandshake = 23;

    /// <summary><c>MOSQ_LOG_ERR</c>.</summary>
    public const int LogError = 8;

    /// <summary><c>MOSQ_OPT_PROTOCOL_VERSION</c>.</summary>
    public const int OptionProtocolVersion = 1;

    /// <summary><c>MQTT_PROP_MESSAGE_EXPIRY_INTERVAL</c>, in seconds.</summary>
    public const int PropertyMessageExpiry = 2;

    /// <summary><c>MQTT_MAX_PAYLOAD</c>, in bytes.</summary>
    public const int MaxPayload = 268435455;

    static MosquittoNative() => Libraries.Register();

    [LibraryImport(Libraries.Mosquitto)]
    public static partial int mosquitto_lib_init();

    [LibraryImport(Libraries.Mosquitto)]
    public static partial int mosquitto_lib_version(out int major, out int minor, out int revision);

    [LibraryImport(Libraries.Mosquitto, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial nint mosquitto_new(string? id, [MarshalAs(UnmanagedType.U1)] bool cleanSession, nint userData);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial void mosquitto_destroy(nint client);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial int mosquitto_threaded_set(MosquittoHandle client, [MarshalAs(UnmanagedType.U1)] bool threaded);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial int mosquitto_max_inflight_messages_set(MosquittoHandle client, uint messages);

    [LibraryImport(Libraries.Mosquitto, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mosquitto_username_pw_set(MosquittoHandle client, string? username, string? password);

    [LibraryImport(Libraries.Mosquitto, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mosquitto_tls_set(
        MosquittoHandle client, string? authoritiesFile, string? authoritiesFolder, string? certificateFile, string? keyFile, delegate* unmanaged[Cdecl]<byte*, int, int, nint, int> passphrase);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial int mosquitto_tls_insecure_set(MosquittoHandle client, [MarshalAs(UnmanagedType.U1)] bool insecure);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial int mosquitto_int_option(MosquittoHandle client, int option, int value);

    [LibraryImport(Libraries.Mosquitto, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mosquitto_will_set(
        MosquittoHandle client, string topic, int payloadLength, byte* payload, int qos, [MarshalAs(UnmanagedType.U1)] bool retain);

    [LibraryImport(Libraries.Mosquitto, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int mosquitto_connect(MosquittoHandle client, string host, int port, int keepAliveSeconds);

    [LibraryImport(Libraries.Mosquitto, SetLastError = true)]
    public static partial int mosquitto_reconnect(MosquittoHandle client);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial int mosquitto_disconnect(MosquittoHandle client);

    [LibraryImport(Libraries.Mosquitto, SetLastError = true)]
    public static partial int mosquitto_loop(MosquittoHandle client, int timeoutMilliseconds, int maxPackets);

    [LibraryImport(Libraries.Mosquitto, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mosquitto_publish(
        MosquittoHandle client, out int messageId, string topic, int payloadLength, byte* payload, int qos, [MarshalAs(UnmanagedType.U1)] bool retain);

    [LibraryImport(Libraries.Mosquitto, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mosquitto_publish_v5(
        MosquittoHandle client, out int messageId, string topic, int payloadLength, byte* payload, int qos, [MarshalAs(UnmanagedType.U1)] bool retain, nint properties);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial int mosquitto_property_add_int32(ref nint properties, int identifier, uint value);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial void mosquitto_property_free_all(ref nint properties);

    [LibraryImport(Libraries.Mosquitto, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mosquitto_pub_topic_check(string topic);

    [LibraryImport(Libraries.Mosquitto, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mosquitto_subscribe(MosquittoHandle client, nint messageId, string topic, int qos);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial void mosquitto_connect_callback_set(MosquittoHandle client, delegate* unmanaged[Cdecl]<nint, nint, int, void> callback);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial void mosquitto_publish_callback_set(MosquittoHandle client, delegate* unmanaged[Cdecl]<nint, nint, int, void> callback);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial void mosquitto_publish_v5_callback_set(MosquittoHandle client, delegate* unmanaged[Cdecl]<nint, nint, int, int, nint, void> callback);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial void mosquitto_disconnect_callback_set(MosquittoHandle client, delegate* unmanaged[Cdecl]<nint, nint, int, void> callback);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial void mosquitto_log_callback_set(MosquittoHandle client, delegate* unmanaged[Cdecl]<nint, nint, int, byte*, void> callback);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial void mosquitto_message_callback_set(MosquittoHandle client, delegate* unmanaged[Cdecl]<nint, nint, Message*, void> callback);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial nint mosquitto_strerror(int error);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial nint mosquitto_connack_string(int code);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial nint mosquitto_reason_string(int code);

    /// <summary><c>struct mosquitto_message</c>; it and what it points to belong to libmosquitto and live as long as the callback.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Message
    {
        public int MessageId;
        public nint Topic;
        public nint Payload;
        public int PayloadLength;
        public int Qos;
        public byte Retain;
    }
}
