using System.Text.Json;
using HeartSound.Edge.Commands;

namespace HeartSound.Edge.Outputs.Lights;

/// <summary>Reads board files, and finds the one of this machine.</summary>
public static class BoardFile
{
    /// <summary>Where boards may lie, the nearest first: <c>boards/</c> or <c>deploy/boards/</c> beside the program or above it.</summary>
    public static IReadOnlyList<string> Places { get; } = Above(AppContext.BaseDirectory);

    /// <summary>The board of these options: named, by path, or by what the device tree says.</summary>
    /// <param name="board">A name, a path, or 'auto'.</param>
    /// <param name="root">Of the file system, where <c>proc/device-tree</c> lies.</param>
    /// <returns>Null where 'auto' finds that this machine is none that is known.</returns>
    /// <exception cref="SetupException">The named board is not there, or a file is wrong; the message has everything that is.</exception>
    public static Board? Find(string board, string root = "/")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(board);
        if (board != "auto") return Read(Locate(board));
        var compatible = Compatible(root);
        return compatible.Count == 0 ? null : All().FirstOrDefault(b => b.Compatible.Any(compatible.Contains));
    }

    /// <summary>Every board that lies at hand, in the order of their names.</summary>
    /// <exception cref="SetupException">One of them is wrong.</exception>
    public static IReadOnlyList<Board> All() =>
        Places.FirstOrDefault(Directory.Exists) is { } folder ? [.. Files(folder).Select(Read)] : [];

    /// <summary>What the device tree says that this machine is, the most exact first; empty where there is none.</summary>
    public static IReadOnlyList<string> Compatible(string root = "/")
    {
        // A sandbox may hide one of the two (systemd's ProcSubset=pid the first).
        foreach (var place in new[] { "proc/device-tree/compatible", "sys/firmware/devicetree/base/compatible" })
        {
            try
            {
                return File.ReadAllText(Path.Combine(root, place)).Split('\0', StringSplitOptions.RemoveEmptyEntries);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // No device tree here.
            }
        }

        return [];
    }

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="SetupException">It cannot be read, or is wrong; the message has everything that is.</exception>
    public static Board Read(string path)
    {
        try
        {
            var board = JsonSerializer.Deserialize<Board>(File.ReadAllBytes(path), EdgeJson.Strict) ?? throw new JsonException("it says null");
            var faults = Faults(board, Path.GetFileNameWithoutExtension(path)).ToList();
            return faults.Count == 0 ? board : throw new SetupException($"{path} is no good board file:\n{string.Join('\n', faults.Select(f => "  " + f))}\nboard.schema.json beside it says what belongs into it.");
        }
        catch (JsonException e)
        {
            throw new SetupException($"{path} is no board file: {e.Message} board.schema.json beside it says what belongs into it.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"{path}: the board file cannot be read: {e.Message}", e);
        }
    }

    private static string Locate(string board)
    {
        if (board.Contains('/', StringComparison.Ordinal) || board.EndsWith(".json", StringComparison.Ordinal)) return Path.GetFullPath(board);
        var path = Places.Select(place => Path.Combine(place, board + ".json")).FirstOrDefault(File.Exists);
        if (path is not null) return path;
        var there = Places.FirstOrDefault(Directory.Exists) is { } folder ? string.Join(", ", Files(folder).Select(Path.GetFileNameWithoutExtension)) : $"none ({Places[0]}, or above it, is missing)";
        throw new SetupException($"There is no board '{board}'. There are: {there}. A path to a file of your own is as good.");
    }

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*.json").Where(f => !f.EndsWith(".schema.json", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    // What types cannot say; the schema says the same for editors.
    private static IEnumerable<string> Faults(Board board, string file)
    {
        if (board.Name != file) yield return $"name is '{board.Name}', must be that of the file: '{file}'";
        if (string.IsNullOrWhiteSpace(board.Title)) yield return "title is empty";
        if (string.IsNullOrWhiteSpace(board.Source)) yield return "source is empty: where do the numbers come from?";
        foreach (var empty in board.Compatible.Where(string.IsNullOrWhiteSpace)) yield return $"compatible has '{empty}', which means no board";
        foreach (var (pin, line) in board.Pins)
        {
            if (pin.Length == 0 || !pin.All(char.IsAsciiDigit)) yield return $"pins: '{pin}' is no number of a header pin";
            if (string.IsNullOrWhiteSpace(line.Chip)) yield return $"pins.{pin}.chip is empty: gpiodetect shows the labels of chips in [ ]";
            if (line.Line is < 0 or > 65535) yield return $"pins.{pin}.line is {line.Line}, must be 0 to 65535";
        }

        foreach (var twice in board.Pins.GroupBy(p => p.Value).Where(g => g.Count() > 1))
            yield return $"pins {string.Join(" and ", twice.Select(p => p.Key))} are the same line, {twice.Key.Line} of '{twice.Key.Chip}'";

        var used = board.Lamps.All.Select(l => (Name: "lamps." + JsonNamingPolicy.CamelCase.ConvertName(l.Lamp.ToString()), l.Pin.Pin)).ToList();
        if (board.Button is { } button) used.Add(("button", button.Pin));
        foreach (var (name, pin) in used)
        {
            if (!board.Pins.ContainsKey(pin)) yield return $"{name}.pin is '{pin}', which is not in pins";
        }

        foreach (var twice in used.GroupBy(u => u.Pin).Where(g => g.Count() > 1))
            yield return $"{string.Join(" and ", twice.Select(u => u.Name))} are on the same pin, {twice.Key}";
    }

    private static List<string> Above(string start)
    {
        var places = new List<string>();
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            places.Add(Path.Combine(folder.FullName, "boards"));
            places.Add(Path.Combine(folder.FullName, "deploy", "boards"));
        }

        return places;
    }
}
