namespace HeartSound.Native.Gpiod;

/// <summary>
/// The GPIO chips of this machine, found by their labels (numbers change). Uses libgpiod 2 where it is installed and the kernel has its interface (5.10), else
/// libgpiod 1. Holds nothing open itself. Safe for several threads.
/// </summary>
public sealed class GpioChips
{
    private const string Consumer = "heartsound";

    private readonly string _folder;
    private readonly IReadOnlyList<IGpiod> _libraries;

    /// <param name="deviceFolder">Where the chips' device files lie.</param>
    /// <exception cref="NativeLibraryMissingException">Neither version of libgpiod is installed.</exception>
    public GpioChips(string deviceFolder = "/dev")
        : this(deviceFolder, Installed())
    {
    }

    internal GpioChips(string deviceFolder, IReadOnlyList<IGpiod> libraries)
    {
        _folder = deviceFolder;
        _libraries = libraries;
    }

    /// <summary>The libraries that are there, the preferred one first, such as <c>libgpiod 1.6.3</c>.</summary>
    public string Library => string.Join(", ", _libraries.Select(l => l.Library));

    /// <summary>Every chip, in the order of the device files' names; those that cannot be opened with the reason.</summary>
    public IReadOnlyList<GpioChipInfo> List()
    {
        var chips = new List<GpioChipInfo>();
        foreach (var path in Paths())
        {
            try
            {
                using var chip = Open(path);
                chips.Add(chip.Info);
            }
            catch (GpioException e)
            {
                chips.Add(new GpioChipInfo(path, null, null, 0, e.Message));
            }
        }

        return chips;
    }

    /// <summary>Takes lines of one chip as outputs, all off at first. The caller disposes them.</summary>
    /// <exception cref="GpioException">They cannot be had.</exception>
    public GpioOutputs OpenOutputs(string label, IReadOnlyList<GpioOutputLine> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var chip = Find(label, lines.Select(l => l.Line));
        try
        {
            var offsets = lines.Select(l => (uint)l.Line).ToArray();
            var values = lines.Select(l => l.ActiveLow ? 1 : 0).ToArray();
            var errno = chip.Library.RequestOutputs(chip.Handle, offsets, values, Consumer, out var request);
            return errno == 0 ? new GpioOutputs(request!, chip.Library.Library, label, lines) : throw chip.Refused("outputs", offsets, errno);
        }
        catch
        {
            chip.Dispose();
            throw;
        }
    }

    /// <summary>Takes a line as an input whose edges are seen. The caller disposes it.</summary>
    /// <param name="label">The chip's.</param>
    /// <param name="line">Offset on it.</param>
    /// <param name="activeLow">Whether low voltage means active.</param>
    /// <param name="pullUp">Whether to ask the kernel for a pull-up resistor; <see cref="GpioInput.HasPullUp"/> says what came of it.</param>
    /// <exception cref="GpioException">It cannot be had.</exception>
    public GpioInput OpenInput(string label, int line, bool activeLow, bool pullUp)
    {
        var chip = Find(label, [line]);
        try
        {
            var errno = chip.Library.RequestInput(chip.Handle, (uint)line, ref pullUp, Consumer, out var request);
            return errno == 0 ? new GpioInput(request!, label, line, activeLow, pullUp) : throw chip.Refused("input with edges", [(uint)line], errno);
        }
        catch
        {
            chip.Dispose();
            throw;
        }
    }

    private OpenGpioChip Find(string label, IEnumerable<int> lines)
    {
        var seen = new List<string>();
        GpioException? forbidden = null;
        foreach (var path in Paths())
        {
            try
            {
                var chip = Open(path);
                if (chip.Info.Label == label) return Within(chip, lines);
                seen.Add($"'{chip.Info.Label}' ({path}, {chip.Info.Lines} lines)");
                chip.Dispose();
            }
            catch (GpioException e) when (e.Fault != GpioFault.OutOfRange)
            {
                if (e.Fault == GpioFault.Forbidden) forbidden ??= e;
                seen.Add($"{path}: {e.Message}");
            }
        }

        if (seen.Count == 0)
        {
            throw new GpioException(GpioFault.NoChip, $"""
                There is no GPIO chip: no {Path.Combine(_folder, "gpiochip*")}. Does this machine have a header, does its kernel have CONFIG_GPIO_CDEV, and does the service's sandbox let it through (DeviceAllow=char-gpiochip rw)?
                """);
        }

        if (forbidden is not null) throw new GpioException(GpioFault.Forbidden, forbidden.Message, forbidden.Errno);
        throw new GpioException(GpioFault.NoSuchLabel, $"No GPIO chip has the label '{label}'. There are: {string.Join("; ", seen)}. Is the board file the one of this machine?");
    }

    private static OpenGpioChip Within(OpenGpioChip chip, IEnumerable<int> lines)
    {
        var outside = lines.Where(l => l < 0 || l >= chip.Info.Lines).ToList();
        if (outside.Count == 0) return chip;
        chip.Dispose();
        throw new GpioException(GpioFault.OutOfRange, $"The GPIO chip '{chip.Info.Label}' ({chip.Info.Path}) has the lines 0 to {chip.Info.Lines - 1}, not {string.Join(", ", outside)}. Is the board file the one of this machine?");
    }

    // Step 1: the newest library. Step 2: where the kernel has not its interface, the older one.
    private OpenGpioChip Open(string path)
    {
        foreach (var library in _libraries)
        {
            var errno = library.Open(path, out var chip);
            if (errno != 0) throw GpioErrno.Fail($"Opening {path} with {library.Library}", errno);
            if (!library.IsAnswered(chip!))
            {
                chip!.Dispose();
                continue;
            }

            errno = library.Describe(chip!, out var name, out var label, out var lines);
            if (errno == 0) return new OpenGpioChip(library, chip!, new GpioChipInfo(path, name, label, lines, null));
            chip!.Dispose();
            throw GpioErrno.Fail($"Asking {path} for its label", errno);
        }

        throw new GpioException(GpioFault.Unsupported, $"{path}: this kernel does not have the GPIO interface that {Library} needs (5.10). Install libgpiod 1 beside it: sudo apt-get install libgpiod2");
    }

    private string[] Paths()
    {
        if (!Directory.Exists(_folder)) return [];
        return [.. Directory.EnumerateFileSystemEntries(_folder, "gpiochip*").Where(p => Path.GetFileName(p)["gpiochip".Length..].All(char.IsAsciiDigit)).OrderBy(p => p.Length).ThenBy(p => p, StringComparer.Ordinal)];
    }

    private static List<IGpiod> Installed()
    {
        var libraries = new List<IGpiod>();
        NativeLibraryMissingException? missing = null;
        foreach (var make in new Func<IGpiod>[] { () => new Gpiod2(), () => new Gpiod1() })
        {
            try
            {
                libraries.Add(make());
            }
            catch (NativeLibraryMissingException e)
            {
                missing = e; // the last one asked for is libgpiod 1, which every distribution has
            }
        }

        return libraries.Count > 0 ? libraries : throw missing!;
    }
}
