using System.Runtime.InteropServices;

namespace HeartSound.Native.Gpiod;

/// <summary>libgpiod 1.1 to 1.6.</summary>
internal sealed unsafe class Gpiod1 : IGpiod
{
    private readonly bool _hasBias;

    /// <exception cref="NativeLibraryMissingException">libgpiod.so.2 is not installed.</exception>
    public Gpiod1()
    {
        var version = Marshal.PtrToStringUTF8(Gpiod1Native.gpiod_version_string()) ?? "1";
        Library = "libgpiod " + version;
        var digits = version.Split('-')[0].Split('.');
        _hasBias = digits.Length > 1 && int.TryParse(digits[1], out var minor) && minor >= 5;
    }

    public string Library { get; }

    public int Open(string path, out SafeHandle? chip)
    {
        var handle = new Gpiod1Chip(Gpiod1Native.gpiod_chip_open(path));
        chip = handle.IsInvalid ? null : handle;
        return handle.IsInvalid ? Marshal.GetLastPInvokeError() : 0;
    }

    public bool IsAnswered(SafeHandle chip) => true;

    public int Describe(SafeHandle chip, out string name, out string label, out int lines)
    {
        var handle = (Gpiod1Chip)chip;
        name = Marshal.PtrToStringUTF8(Gpiod1Native.gpiod_chip_name(handle)) ?? "";
        label = Marshal.PtrToStringUTF8(Gpiod1Native.gpiod_chip_label(handle)) ?? "";
        lines = (int)Gpiod1Native.gpiod_chip_num_lines(handle);
        return 0;
    }

    public bool IsUsed(SafeHandle chip, uint line, out string? consumer)
    {
        var pointer = Gpiod1Native.gpiod_chip_get_line((Gpiod1Chip)chip, line);
        consumer = pointer == 0 ? null : Marshal.PtrToStringUTF8(Gpiod1Native.gpiod_line_consumer(pointer));
        return pointer != 0 && Gpiod1Native.gpiod_line_is_used(pointer);
    }

    public int RequestOutputs(SafeHandle chip, ReadOnlySpan<uint> lines, ReadOnlySpan<int> values, string consumer, out IGpiodRequest? request)
    {
        request = null;
        var taken = new Gpiod1Request((Gpiod1Chip)chip);
        var errno = taken.Add(lines);
        if (errno == 0) errno = taken.TakeOutputs(consumer, values);
        if (errno == 0) request = taken;
        return errno;
    }

    public int RequestInput(SafeHandle chip, uint line, ref bool pullUp, string consumer, out IGpiodRequest? request)
    {
        request = null;
        var taken = new Gpiod1Request((Gpiod1Chip)chip);
        var errno = taken.Add([line]);
        if (errno != 0) return errno;

        // Before 1.5 the library drops the flag without a word, before 5.5 the kernel refuses it.
        pullUp &= _hasBias;
        errno = taken.TakeInput(consumer, pullUp ? Gpiod1Native.PullUp : 0);
        if (errno == GpioErrno.Invalid && pullUp)
        {
            pullUp = false;
            errno = taken.TakeInput(consumer, 0);
        }

        if (errno == 0) request = taken;
        return errno;
    }
}
