using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using HeartSound.Edge.Outputs.Lights;
using HeartSound.Native;
using HeartSound.Native.Gpiod;
using Spectre.Console;

namespace HeartSound.Edge.Commands;

/// <summary><c>lights</c>: what the lamps mean and where they are; plays a picture on them; draws all of them.</summary>
internal static class LightsCommand
{
    public static Command Create()
    {
        var show = new Option<string?>("--show") { Description = "Play a picture (lampTest lights all) until Ctrl-C or --seconds: on the board's lamps, else on this terminal. Stop the service first: it holds the lamps.", HelpName = "NAME" };
        show.AcceptOnlyFromAmong([.. LightScene.All.Select(s => s.Name)]);
        var seconds = new Option<double>("--seconds") { Description = "How long --show plays; 0 is for ever.", HelpName = "S" };
        var kind = new Option<LightKind>("--lights") { Description = "Where to: auto, gpio, terminal.", HelpName = "KIND", DefaultValueFactory = _ => LightKind.Auto };
        var board = new Option<string>("--board") { Description = "Board: a name, a file, or auto to ask the device tree.", HelpName = "NAME|FILE", DefaultValueFactory = _ => "auto" };
        var picture = new Option<string?>("--picture") { Description = "Draw all pictures over time.", HelpName = "FILE.svg" };
        var json = new Option<bool>("--json") { Description = "Board, chips and pictures as one JSON object." };
        var command = new Command("lights", "What the lamps mean and where they are; plays a picture on them (a technician's lamp test).") { show, seconds, kind, board, picture, json };
        command.SetAction((parsed, stop) => Task.Run(() =>
        {
            var options = new LightOptions { Kind = parsed.GetValue(kind), Board = parsed.GetValue(board)!, LampTest = false };
            if (parsed.GetValue(picture) is { } file) return Draw(file);
            if (parsed.GetValue(show) is { } name) return Play(LightScene.All.First(s => s.Name == name), options, parsed.GetValue(seconds), stop);
            if (parsed.GetValue(json)) WriteJson(options);
            else WriteTable(options);
            return ExitCode.Ok;
        }, stop));
        return command;
    }

    private static int Draw(string file)
    {
        try
        {
            File.WriteAllText(file, LightChart.Svg());
            return ExitCode.Ok;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"{file}: cannot be written: {e.Message}", e);
        }
    }

    // A technician wants to know at once what is wrong, so trouble ends this verb, while the service would try again for ever.
    private static int Play(LightScene scene, LightOptions options, double seconds, CancellationToken stop)
    {
        try
        {
            var readBack = new ReadBack();
            using (var lamps = (Indicators.Create(options).OpenLamps ?? TerminalIndicator.OnStandardError)())
            {
                Console.Error.WriteLine($"{scene.Name} on {lamps.Name}: {scene.Meaning}");
                if (scene.Indication is not null) lamps.Begin(scene.Indication);
                var clock = Stopwatch.StartNew();
                var end = seconds > 0 ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
                while (clock.Elapsed < end && !stop.IsCancellationRequested)
                {
                    var now = clock.Elapsed;
                    lamps.Set(scene.At(now));
                    if (lamps.Read() is { } read) readBack.Compare(scene.At(now), read);
                    var next = scene.UntilChange(now);
                    if (next == Timeout.InfiniteTimeSpan || next > end - now) next = end == TimeSpan.MaxValue ? next : end - now;
                    stop.WaitHandle.WaitOne(next < TimeSpan.Zero ? next : TimeSpan.FromMilliseconds(Math.Ceiling(next.TotalMilliseconds)));
                }
            }

            if (readBack.Fault() is not { } fault) return ExitCode.Ok;
            Console.Error.WriteLine(fault);
            return ExitCode.SomeFailed;
        }
        catch (GpioException e)
        {
            throw new SetupException(e.Message, e);
        }
    }

    private static void WriteJson(LightOptions options)
    {
        var board = Indicators.Create(options).Board;
        var (library, chips, fault) = Chips();
        Console.Out.WriteLine(JsonSerializer.Serialize(new
        {
            deviceTree = BoardFile.Compatible(),
            board,
            library,
            chips,
            fault,
            scenes = LightScene.All.Select(s => new { s.Name, s.Meaning }),
        }, EdgeJson.Compact));
    }

    private static void WriteTable(LightOptions options)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("--show").AddColumn("means").AddColumn("lamps");
        foreach (var scene in LightScene.All)
        {
            var lit = Enumerable.Range(0, 600).Aggregate(Lamps.None, (all, i) => all | scene.At(TimeSpan.FromMilliseconds(i * 10)));
            table.AddRow(new Text(scene.Name), new Text(scene.Meaning), new Text(lit == Lamps.None ? "" : lit.ToString().ToLowerInvariant()));
        }

        Terminal.Out.Write(table);
        var board = Indicators.Create(options).Board;
        if (board is null)
        {
            Console.Out.WriteLine("Board: none that is known. (--board names one; auto asks the device tree.)");
        }
        else
        {
            Console.Out.WriteLine($"Board: {board.Title} ({board.Name})");
            foreach (var (lamp, pin) in board.Lamps.All) Console.Out.WriteLine($"  {lamp,-8} pin {pin.Pin}: {Line(board.Pins[pin.Pin])}{(pin.ActiveLow ? ", low lights it" : "")}");
            if (board.Button is { } button) Console.Out.WriteLine($"  Button   pin {button.Pin}: {Line(board.Pins[button.Pin])}{(button.ActiveLow ? ", to ground" : "")}");
        }

        var (library, chips, fault) = Chips();
        Console.Out.WriteLine(fault ?? $"GPIO chips ({library}): {(chips.Count == 0 ? "none" : string.Join(", ", chips.Select(c => c.Fault ?? $"{c.Path} '{c.Label}' {c.Lines} lines")))}");
    }

    private static string Line(BoardLine line) => $"line {line.Line} of '{line.Chip}'";

    private static (string? Library, IReadOnlyList<GpioChipInfo> Chips, string? Fault) Chips()
    {
        try
        {
            var chips = new GpioChips();
            return (chips.Library, chips.List(), null);
        }
        catch (NativeLibraryMissingException e)
        {
            return (null, [], e.Message);
        }
    }
}
