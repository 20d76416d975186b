using HeartSound.Edge.Commands;
using HeartSound.Edge.Outputs.Lights;
using HeartSound.Edge.Tests.Recordings;

namespace HeartSound.Edge.Tests.Outputs.Lights;

public sealed class BoardFileTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void All_OfTheRepository_AreGoodAndHaveWhatTheyNeed()
    {
        var boards = BoardFile.All();
        Assert.Equal(["jetson-nano", "jetson-orin-nano", "jetson-xavier-nx", "rig"], boards.Select(b => b.Name));
        Assert.All(boards, board => Assert.NotNull(board.Button));

        // One wiring fits all Jetsons, and no machine is two boards.
        Assert.Single(boards.Where(b => b.Name != "rig").Select(b => string.Join(' ', b.Lamps.All.Select(l => l.Pin.Pin).Append(b.Button!.Pin))).Distinct());
        Assert.Equal(boards.Sum(b => b.Compatible.Count), boards.SelectMany(b => b.Compatible).Distinct().Count());
    }

    [Theory]
    [InlineData("nvidia,p3450-0000\0nvidia,jetson-nano\0nvidia,tegra210\0", "jetson-nano")]
    [InlineData("nvidia,p3509-0000+p3668-0001\0nvidia,p3668-0001\0nvidia,tegra194\0", "jetson-xavier-nx")]
    [InlineData("nvidia,p3768-0000+p3767-0005-super\0nvidia,p3767-0005\0nvidia,tegra234\0", "jetson-orin-nano")]
    [InlineData("raspberrypi,4-model-b\0brcm,bcm2711\0", null)]
    public void Find_Auto_AsksTheDeviceTree(string compatible, string? board)
    {
        _root.Write("proc/device-tree/compatible", System.Text.Encoding.ASCII.GetBytes(compatible));
        Assert.Equal(board, BoardFile.Find("auto", _root.Path)?.Name);
    }

    [Fact]
    public void Find_AutoInASandboxThatHidesProc_AsksSys()
    {
        _root.Write("sys/firmware/devicetree/base/compatible", "nvidia,jetson-nano\0"u8.ToArray());
        Assert.Equal("jetson-nano", BoardFile.Find("auto", _root.Path)?.Name);
    }

    [Fact]
    public void Find_AutoWithoutADeviceTree_IsNone() => Assert.Null(BoardFile.Find("auto", _root.Path));

    [Fact]
    public void Find_UnknownName_ListsThoseThatAreThere()
    {
        var fault = Assert.Throws<SetupException>(() => BoardFile.Find("jetson-tx2"));
        Assert.Contains("jetson-nano, jetson-orin-nano, jetson-xavier-nx, rig", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_Path_IsRead() =>
        Assert.Equal("mine", BoardFile.Find(Write("mine", """{ "name": "mine", "title": "Mine", "compatible": [], "source": "me", "pins": { "1": { "chip": "a", "line": 1 }, "2": { "chip": "a", "line": 2 }, "3": { "chip": "a", "line": 3 }, "4": { "chip": "a", "line": 4 } }, "lamps": { "activity": { "pin": "1" }, "normal": { "pin": "2" }, "unsure": { "pin": "3" }, "abnormal": { "pin": "4", "activeLow": true } } }"""))!.Name);

    [Fact]
    public void Read_ManyFaults_NamesThemAll()
    {
        var path = Write("bad", """
            { "name": "good", "title": " ", "compatible": [""], "source": "", "pins": { "x": { "chip": "", "line": -1 }, "2": { "chip": "a", "line": 7 }, "3": { "chip": "a", "line": 7 } },
              "lamps": { "activity": { "pin": "2" }, "normal": { "pin": "2" }, "unsure": { "pin": "3" }, "abnormal": { "pin": "9" } }, "button": { "pin": "8" } }
            """);
        var message = Assert.Throws<SetupException>(() => BoardFile.Read(path)).Message;
        foreach (var part in new[]
            {
                "name is 'good', must be that of the file: 'bad'", "title is empty", "source is empty", "compatible has ''", "'x' is no number", "pins.x.chip is empty", "pins.x.line is -1",
                "pins 2 and 3 are the same line, 7 of 'a'", "lamps.abnormal.pin is '9'", "button.pin is '8'", "lamps.activity and lamps.normal are on the same pin, 2",
            })
        {
            Assert.Contains(part, message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{ \"name\": \"bad\", \"colour\": \"red\" }", "colour")]
    [InlineData("{ \"name\": \"bad\" }", "title")]
    [InlineData("[", "no board file")]
    [InlineData("null", "no board file")]
    public void Read_WrongShape_SaysWhere(string json, string part) =>
        Assert.Contains(part, Assert.Throws<SetupException>(() => BoardFile.Read(Write("bad", json))).Message, StringComparison.Ordinal);

    [Fact]
    public void Create_AutoOnAnUnknownMachine_IsNoneWithoutNoise() => Assert.Equal(new Indicators(null, null, null), Indicators.Create(new LightOptions(), _root.Path));

    [Fact]
    public void Create_GpioOnAnUnknownMachine_SaysWhatToSet()
    {
        var fault = Assert.Throws<SetupException>(() => Indicators.Create(new LightOptions { Kind = LightKind.Gpio }, _root.Path));
        Assert.Contains("lights.board", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_NamedBoard_HasLampsAndButton()
    {
        var indicators = Indicators.Create(new LightOptions { Board = "rig" }, _root.Path);
        Assert.Equal("rig", indicators.Board?.Name);
        Assert.NotNull(indicators.OpenLamps);
        Assert.NotNull(indicators.OpenButton);
    }

    private string Write(string name, string json) => _root.Write(name + ".json", System.Text.Encoding.UTF8.GetBytes(json));
}
