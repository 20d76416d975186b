using HeartSound.Edge.Commands;
using HeartSound.Native.Gpiod;

namespace HeartSound.Edge.Outputs.Lights;

/// <summary>Which lamps and which board the options mean on this machine.</summary>
/// <param name="Board">Whose header lamps and button are on; null where there is none.</param>
/// <param name="OpenLamps">Opens the lamps; may throw, and be called again. Null where there are none.</param>
/// <param name="OpenButton">Opens the button's line; may throw, and be called again. Null where there is none.</param>
public sealed record Indicators(Board? Board, Func<IIndicator>? OpenLamps, Func<GpioInput>? OpenButton)
{
    /// <summary>Opens nothing yet.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="root">Of the file system, where <c>proc/device-tree</c> and <c>dev</c> lie.</param>
    /// <exception cref="SetupException">The board is not known, or its file is wrong.</exception>
    public static Indicators Create(LightOptions options, string root = "/")
    {
        ArgumentNullException.ThrowIfNull(options);
        switch (options.Kind)
        {
            case LightKind.Terminal:
                return new(null, TerminalIndicator.OnStandardError, null);
            case LightKind.Auto or LightKind.Gpio when BoardFile.Find(options.Board, root) is { } board:
                var devices = Path.Combine(root, "dev");
                return new(board, () => new GpioIndicator(board, new GpioChips(devices)), board.Button is { } button ? () => Open(board.Pins[button.Pin], button, devices) : null);
            case LightKind.Gpio:
                throw new SetupException($"""
                    lights.kind is 'gpio', and this machine is no board that is known: {(BoardFile.Compatible(root) is [_, ..] tree ? $"its device tree says {string.Join(", ", tree)}" : "it has no device tree")}.
                    Name the board (lights.board: {string.Join(", ", BoardFile.All().Select(b => b.Name))}, or a path to a file of your own), or set lights.kind to 'none' or 'terminal'.
                    """);
            default:
                return new(null, null, null);
        }
    }

    private static GpioInput Open(BoardLine line, BoardButton button, string devices) => new GpioChips(devices).OpenInput(line.Chip, line.Line, button.ActiveLow, button.PullUp);
}
