using System.Runtime.InteropServices;

namespace HeartSound.Native.Gpiod;

/// <summary>The two ABIs of libgpiod under one roof. Calls give errno, 0 for success. A chip is used by one thread at a time.</summary>
internal interface IGpiod
{
    /// <summary>Such as <c>libgpiod 1.6.3</c>.</summary>
    string Library { get; }

    /// <summary>Opens the chip; the caller disposes it.</summary>
    int Open(string path, out SafeHandle? chip);

    /// <summary>Whether the kernel has the interface that this ABI is built on.</summary>
    bool IsAnswered(SafeHandle chip);

    int Describe(SafeHandle chip, out string name, out string label, out int lines);

    /// <summary>Whether somebody holds the line, and who, where that is known.</summary>
    bool IsUsed(SafeHandle chip, uint line, out string? consumer);

    /// <summary>Takes lines as outputs. The request owns the chip once it is there.</summary>
    int RequestOutputs(SafeHandle chip, ReadOnlySpan<uint> lines, ReadOnlySpan<int> values, string consumer, out IGpiodRequest? request);

    /// <summary>Takes a line as an input with both edges. The request owns the chip once it is there.</summary>
    /// <param name="chip">Where.</param>
    /// <param name="line">Offset.</param>
    /// <param name="pullUp">Wanted; false on return where library or kernel have none.</param>
    /// <param name="consumer">Who we are.</param>
    /// <param name="request">Null on failure.</param>
    int RequestInput(SafeHandle chip, uint line, ref bool pullUp, string consumer, out IGpiodRequest? request);
}
