using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HeartSound.Native.PortAudio;

/// <summary>
/// Keeps the libraries under PortAudio from writing to standard error while it looks for devices: some 20 lines each time, on a machine without JACK and
/// without surround sound, and all harmless. What PortAudio itself writes ("Expression … failed") cannot be turned off and comes only with a fault.
/// </summary>
internal static unsafe partial class PortAudioNoise
{
    /// <summary>For the whole process. A library that is not there, or not the one that PortAudio has loaded, makes no noise.</summary>
    public static void Silence()
    {
        Libraries.Register();

        // snd_lib_error_handler_t(file, line, function, error, format, …): what comes behind is not looked at, so that it is variadic does not matter.
        if (TryFind(Libraries.Asound, "snd_lib_error_set_handler", out var alsa))
            ((delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<nint, int, nint, int, nint, void>, int>)alsa)(&IgnoreAlsa);
        if (TryFind(Libraries.Jack, "jack_set_error_function", out var error))
            ((delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<nint, void>, void>)error)(&IgnoreJack);
        if (TryFind(Libraries.Jack, "jack_set_info_function", out var info))
            ((delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<nint, void>, void>)info)(&IgnoreJack);
    }

    private static bool TryFind(string library, string function, out nint address)
    {
        address = 0;
        return NativeLibrary.TryLoad(library, out var handle) && NativeLibrary.TryGetExport(handle, function, out address);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void IgnoreAlsa(nint file, int line, nint function, int error, nint format)
    {
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void IgnoreJack(nint text)
    {
    }
}
