using System.Runtime.InteropServices;

namespace HeartSound.Native.Gpiod;

/// <summary>A chip that is open, with the library that opened it.</summary>
internal sealed record OpenGpioChip(IGpiod Library, SafeHandle Handle, GpioChipInfo Info) : IDisposable
{
    public GpioException Refused(string what, ReadOnlySpan<uint> lines, int errno)
    {
        var named = string.Join(", ", lines.ToArray());
        if (errno != GpioErrno.Busy) return GpioErrno.Fail($"Taking line {named} of '{Info.Label}' ({Info.Path}) as {what}", errno);
        var holders = new List<string>();
        foreach (var line in lines)
        {
            if (Library.IsUsed(Handle, line, out var consumer)) holders.Add($"line {line} is used by {(consumer is null ? "somebody who has not said a name" : $"'{consumer}'")}");
        }

        var who = holders.Count > 0 ? string.Join(", ", holders) : $"line {named} is used by somebody";
        return new GpioException(GpioFault.Busy, $"GPIO chip '{Info.Label}' ({Info.Path}): {who} (errno {errno}, device or resource busy). Stop the other program, or free the pin in the device tree; gpioinfo shows all.", errno);
    }

    public void Dispose() => Handle.Dispose();
}
