using System.Runtime.InteropServices;

namespace HeartSound.Native.Gpiod;

/// <summary>libgpiod 2.</summary>
internal sealed unsafe class Gpiod2 : IGpiod
{
    /// <exception cref="NativeLibraryMissingException">libgpiod.so.3 is not installed.</exception>
    public Gpiod2() => Library = "libgpiod " + (Marshal.PtrToStringUTF8(Gpiod2Native.gpiod_api_version()) ?? "2");

    public string Library { get; }

    public int Open(string path, out SafeHandle? chip)
    {
        var handle = new Gpiod2Chip(Gpiod2Native.gpiod_chip_open(path));
        chip = handle.IsInvalid ? null : handle;
        return handle.IsInvalid ? Marshal.GetLastPInvokeError() : 0;
    }

    // A kernel before 5.10 refuses the ioctl that it does not know; so does one that was built without it.
    public bool IsAnswered(SafeHandle chip)
    {
        var info = Gpiod2Native.gpiod_chip_get_line_info((Gpiod2Chip)chip, 0);
        if (info == 0) return Marshal.GetLastPInvokeError() is not (GpioErrno.Invalid or GpioErrno.NotTty or GpioErrno.NotSupported);
        Gpiod2Native.gpiod_line_info_free(info);
        return true;
    }

    public int Describe(SafeHandle chip, out string name, out string label, out int lines)
    {
        name = label = "";
        lines = 0;
        var info = Gpiod2Native.gpiod_chip_get_info((Gpiod2Chip)chip);
        if (info == 0) return Marshal.GetLastPInvokeError();
        name = Marshal.PtrToStringUTF8(Gpiod2Native.gpiod_chip_info_get_name(info)) ?? "";
        label = Marshal.PtrToStringUTF8(Gpiod2Native.gpiod_chip_info_get_label(info)) ?? "";
        lines = (int)Gpiod2Native.gpiod_chip_info_get_num_lines(info);
        Gpiod2Native.gpiod_chip_info_free(info);
        return 0;
    }

    public bool IsUsed(SafeHandle chip, uint line, out string? consumer)
    {
        consumer = null;
        var info = Gpiod2Native.gpiod_chip_get_line_info((Gpiod2Chip)chip, line);
        if (info == 0) return false;
        consumer = Marshal.PtrToStringUTF8(Gpiod2Native.gpiod_line_info_get_consumer(info));
        var isUsed = Gpiod2Native.gpiod_line_info_is_used(info);
        Gpiod2Native.gpiod_line_info_free(info);
        return isUsed;
    }

    public int RequestOutputs(SafeHandle chip, ReadOnlySpan<uint> lines, ReadOnlySpan<int> values, string consumer, out IGpiodRequest? request)
    {
        using var config = new Gpiod2Config(consumer);
        for (var i = 0; i < lines.Length; i++) config.AddOutput(lines[i], values[i]);
        return Take(chip, config, hasEdges: false, out request);
    }

    public int RequestInput(SafeHandle chip, uint line, ref bool pullUp, string consumer, out IGpiodRequest? request)
    {
        var errno = TakeInput(chip, line, pullUp, consumer, out request);
        if (!pullUp || errno is not (GpioErrno.Invalid or GpioErrno.NotSupported)) return errno;
        pullUp = false;
        return TakeInput(chip, line, pullUp, consumer, out request);
    }

    private static int TakeInput(SafeHandle chip, uint line, bool pullUp, string consumer, out IGpiodRequest? request)
    {
        using var config = new Gpiod2Config(consumer);
        config.AddInput(line, pullUp);
        return Take(chip, config, hasEdges: true, out request);
    }

    private static int Take(SafeHandle chip, Gpiod2Config config, bool hasEdges, out IGpiodRequest? request)
    {
        request = null;
        if (config.Errno != 0) return config.Errno;
        var lines = new Gpiod2Request(Gpiod2Native.gpiod_chip_request_lines((Gpiod2Chip)chip, config.Request, config.Lines));
        if (lines.IsInvalid) return Marshal.GetLastPInvokeError();
        request = new Gpiod2Lines((Gpiod2Chip)chip, lines, hasEdges);
        return 0;
    }
}
