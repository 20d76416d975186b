using HeartSound.Edge.Outputs;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeartSound.Edge.Tests.Outputs;

public sealed class VerdictDispatcherTests
{
    [Fact]
    public void Publish_OneSinkThrows_TheOthersGetEverythingInOrder()
    {
        var good = new RecordingSink();
        using var dispatcher = new VerdictDispatcher([new BrokenSink(), good], NullLogger<VerdictDispatcher>.Instance);

        for (var i = 1; i <= 500; i++) dispatcher.Publish(Messages.Verdict(i));
        var missing = dispatcher.Complete(TimeSpan.FromSeconds(30));

        Assert.Equal(Enumerable.Range(1, 500).Select(i => (long)i), good.Messages.Select(m => m.Sequence));
        Assert.Equal(500, dispatcher.Failed);
        Assert.Equal(500, missing);
    }

    [Fact]
    public void Publish_SinkIsStuck_NeverBlocksAndCountsWhatIsDropped()
    {
        using var stuck = new StuckSink();
        using var dispatcher = new VerdictDispatcher([stuck], NullLogger<VerdictDispatcher>.Instance);

        for (var i = 1; i <= 5000; i++) dispatcher.Publish(Messages.Verdict(i));

        SpinWait.SpinUntil(() => dispatcher.Dropped >= 5000 - 4096 - 1, TimeSpan.FromSeconds(30));
        Assert.InRange(dispatcher.Dropped, 5000 - 4096 - 1, 5000 - 4096);
        stuck.Go.Set();
        Assert.Equal((int)dispatcher.Dropped, dispatcher.Complete(TimeSpan.FromSeconds(30)));
    }

    private sealed class RecordingSink : IVerdictSink
    {
        public List<VerdictMessage> Messages { get; } = [];
        public string Name => "recording";
        public void Publish(VerdictMessage message) => Messages.Add(message);
        public int Flush(TimeSpan deadline) => 0;

        public void Dispose()
        {
        }
    }

    private sealed class BrokenSink : IVerdictSink
    {
        public string Name => "broken";
        public void Publish(VerdictMessage message) => throw new InvalidOperationException("broken");
        public int Flush(TimeSpan deadline) => 0;

        public void Dispose()
        {
        }
    }

    private sealed class StuckSink : IVerdictSink
    {
        public ManualResetEventSlim Go { get; } = new();
        public string Name => "stuck";
        public void Publish(VerdictMessage message) => Go.Wait();
        public int Flush(TimeSpan deadline) => 0;
        public void Dispose() => Go.Set();
    }
}
