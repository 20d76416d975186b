using System.Runtime.InteropServices;

namespace HeartSound.Native.OnnxRuntime;

/// <summary>
/// Turns off the usage reports that official builds of ONNX Runtime send to their maker on Linux too (seen in 1.29: a device id and a database of events
/// under the user's cache folder, and an upload). Nothing leaves this device unless its owner asks; besides, they run regular expressions over the
/// command line, whose recursion overflows the stack from some 30 kB on. The variables are read once, when the library starts, so they must be set before,
/// and in the C library's environment: .NET's own copy is not what native code sees.
/// </summary>
internal static partial class OrtTelemetry
{
    /// <summary>Both spellings that releases have known.</summary>
    private static readonly string[] Variables = ["ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"];

    /// <exception cref="OnnxRuntimeException">The C library refuses, for want of memory.</exception>
    public static void TurnOff()
    {
        foreach (var variable in Variables)
        {
            if (setenv(variable, "1", 1) != 0)
                throw new OnnxRuntimeException($"ONNX Runtime's usage reports cannot be turned off (setenv {variable}: error {Marshal.GetLastPInvokeError()}), so it is not started.");
        }
    }

    [LibraryImport(Libraries.C, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int setenv(string name, string value, int overwrite);
}
