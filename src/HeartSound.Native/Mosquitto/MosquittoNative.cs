using System.Runtime.InteropServices;

namespace HeartSound.Native.Mosquitto;

/// <summary>The functions of libmosquitto (<c>mosquitto.h</c>, 1.4 and later) by their native names. Results are <c>mosq_err_t</c>.</summary>
internal static unsafe partial class MosquittoNative
{
    public const int Success = 0;
    public const int NoConnection = 4;
    public const int Errno = 14;

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
    public static partial int mosquitto_subscribe(MosquittoHandle client, nint messageId, string topic, int qos);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial void mosquitto_connect_callback_set(MosquittoHandle client, delegate* unmanaged[Cdecl]<nint, nint, int, void> callback);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial void mosquitto_publish_callback_set(MosquittoHandle client, delegate* unmanaged[Cdecl]<nint, nint, int, void> callback);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial void mosquitto_message_callback_set(MosquittoHandle client, delegate* unmanaged[Cdecl]<nint, nint, Message*, void> callback);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial nint mosquitto_strerror(int error);

    [LibraryImport(Libraries.Mosquitto)]
    public static partial nint mosquitto_connack_string(int code);

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
