using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HeartSound.Native.Mosquitto;

namespace HeartSound.Native.Tests.Mosquitto;

public sealed class MosquittoNativeTests
{
    [Fact]
    public void Message_Layout_IsThatOfTheHeader()
    {
        // struct mosquitto_message { int mid; char *topic; void *payload; int payloadlen; int qos; bool retain; } on a 64-bit system.
        Assert.Equal(40, Unsafe.SizeOf<MosquittoNative.Message>());
        Assert.Equal(0, Offset(nameof(MosquittoNative.Message.MessageId)));
        Assert.Equal(8, Offset(nameof(MosquittoNative.Message.Topic)));
        Assert.Equal(16, Offset(nameof(MosquittoNative.Message.Payload)));
        Assert.Equal(24, Offset(nameof(MosquittoNative.Message.PayloadLength)));
        Assert.Equal(28, Offset(nameof(MosquittoNative.Message.Qos)));
        Assert.Equal(32, Offset(nameof(MosquittoNative.Message.Retain)));
    }

    [Fact]
    public void LibVersion_Installed_IsOneThatIsKnown()
    {
        MosquittoNative.mosquitto_lib_version(out var major, out var minor, out _);
        Assert.True(major > 1 || (major == 1 && minor >= 4), $"libmosquitto {major}.{minor}");
    }

    private static int Offset(string field) => (int)Marshal.OffsetOf<MosquittoNative.Message>(field);
}
