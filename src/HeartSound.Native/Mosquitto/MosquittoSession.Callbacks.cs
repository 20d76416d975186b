using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HeartSound.Native.Mosquitto;

/// <summary>What libmosquitto calls, on the thread that calls <see cref="Loop"/>, but for its log, which comes from any.</summary>
internal sealed unsafe partial class MosquittoSession
{
    // What throws in a callback would end the process; the client's handlers catch all, and these lines do for the rest.
    private static void Serve(nint userData, Action<MosquittoSession> action)
    {
        try
        {
            if (GCHandle.FromIntPtr(userData).Target is MosquittoSession session)
                action(session);
        }
        catch (Exception)
        {
            // Reading a message failed; it is lost, the connection goes on.
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnConnect(nint client, nint userData, int code) => Serve(userData, session =>
    {
        session.IsAccepted = code == 0;
        session._refusal = code == 0 ? null : session.RefusalOf(code);
    });

    // The reason is one of MQTT 5 when the broker took leave with it; smaller numbers are libmosquitto's, which the loop returns too.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnDisconnect(nint client, nint userData, int code) => Serve(userData, session =>
    {
        if (code >= 0x80 && session._hasMqtt5 && session.IsAccepted)
            session._refusal = session.Fault(MosquittoFaultKind.Dismissed, $"ended the connection: {Text(MosquittoNative.mosquitto_reason_string(code)).TrimEnd('.')}");
    });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnPublish(nint client, nint userData, int messageId) => Serve(userData, session => session._answered(messageId, null));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnPublish5(nint client, nint userData, int messageId, int reason, nint properties) => Serve(
        userData, session => session._answered(messageId, reason >= 0x80 ? Text(MosquittoNative.mosquitto_reason_string(reason)).TrimEnd('.') : null));

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

    // "OpenSSL Error[0]: error:0A000086:SSL routines::certificate verify failed", or "Error: Unable to load …". Any thread.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(nint client, nint userData, int level, byte* text)
    {
        if (level != MosquittoNative.LogError)
            return;
        var said = Text((nint)text).Trim().TrimEnd('.');
        Serve(userData, session => session._tlsFault ??= said.StartsWith("Error: ", StringComparison.Ordinal) ? said["Error: ".Length..] : said[(said.LastIndexOf(':') + 1)..].Trim());
    }

    // A key with a passphrase is no good; OpenSSL's own question for it would wait for somebody at the terminal.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int NoPassphrase(byte* buffer, int size, int writing, nint userData) => 0;
}
