using HeartSound.Edge.Health;
using HeartSound.Edge.Hosting;
using HeartSound.Edge.Hosting.Heat;
using HeartSound.Edge.Outputs.Lights;
using HeartSound.Edge.Pipeline;
using HeartSound.Edge.Tests.Outputs;

namespace HeartSound.Edge.Tests.Hosting;

public sealed class UpdateHoldTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hold").FullName;
    private readonly ManualTime _time = new();

    private string File => Path.Combine(_folder, UpdateHold.FileName);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0, true)]
    [InlineData(14, true)]
    [InlineData(16, false)]
    [InlineData(-14, true)]
    [InlineData(-16, false)] // the clock was set back: it would count for ever
    public void IsActive_FileOfSoManyMinutesAgo_ForAQuarterOfAnHour(int minutes, bool expected)
    {
        System.IO.File.WriteAllText(File, "");
        System.IO.File.SetLastWriteTimeUtc(File, _time.GetUtcNow().UtcDateTime.AddMinutes(-minutes));
        Assert.Equal(expected, new UpdateHold(File, _time).IsActive);
    }

    [Fact]
    public void IsActive_NoFileOrNoFolder_Never()
    {
        Assert.False(new UpdateHold(File, _time).IsActive);
        Assert.False(new UpdateHold(null, _time).IsActive);
    }

    [Fact]
    public void Scene_WhileSomebodyIsExaminedOrLooksAtTheVerdict_IsNotYetUpdating()
    {
        var activity = new DeviceActivity(_time);
        activity.Ready();
        Scene Shown() => IndicationRule.Of(activity, PartLevel.Ok, HeatStep.Normal, isUpdating: true, TimeSpan.FromMinutes(2)).Scene;

        Assert.Equal(Scene.Updating, Shown());
        activity.Live = new LiveState { Phase = ExaminationPhase.Examining, Examination = Guid.NewGuid() };
        Assert.Equal(Scene.Listening, Shown());
        activity.Live = LiveState.Nothing;
        activity.Conclude(Messages.Verdict(1));
        Assert.NotEqual(Scene.Updating, Shown());
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(Scene.Updating, Shown());
    }
}
