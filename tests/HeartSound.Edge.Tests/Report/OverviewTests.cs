using HeartSound.Edge.Report;

namespace HeartSound.Edge.Tests.Report;

public sealed class OverviewTests
{
    [Theory]
    [InlineData(10, 4)]
    [InlineData(3, 8)]
    [InlineData(10_007, 1200)]
    public void Add_AnyChunking_IsLeastAndGreatestOfEachColumn(int total, int columns)
    {
        var random = new Random(3);
        var samples = Enumerable.Range(0, total).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
        var overview = new WaveformOverview(total, columns);
        for (var at = 0; at < total;)
        {
            var count = Math.Min(total - at, random.Next(0, 40));
            overview.Add(samples.AsSpan(at, count));
            at += count;
        }

        columns = Math.Min(columns, total);
        Assert.Equal(columns, overview.Min.Count);
        for (var c = 0; c < columns; c++)
        {
            var part = samples[(int)((long)c * total / columns)..(int)((c + 1L) * total / columns)];
            Assert.Equal((part.Min(), part.Max()), (overview.Min[c], overview.Max[c]));
        }
    }

    [Fact]
    public void Add_NotFiniteOrTooMuchOrTooLittle_LeavesNoTrace()
    {
        var overview = new WaveformOverview(6, 3);
        overview.Add([float.NaN, 0.25f, float.PositiveInfinity, float.NaN]);
        Assert.Equal([0.25f, float.NaN, float.NaN], overview.Max);
        overview.Add([-1, -2, 9, 9, 9]);
        Assert.Equal([0.25f, float.NaN, -1], overview.Max);
        Assert.Equal([0.25f, float.NaN, -2], overview.Min);
    }

    [Fact]
    public void Add_TwoHours_HoldsOnlyTheColumns()
    {
        var overview = new WaveformOverview(2L * 3600 * 48_000);
        var block = new float[48_000];
        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var second = 0; second < 72; second++) overview.Add(block);
        }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void ToPicture_AnyChunking_IsTheSame(int chunk)
    {
        var random = new Random(4);
        const int frames = 1000, bands = 8;
        var values = Enumerable.Range(0, frames * bands).Select(_ => (float)random.NextDouble()).ToArray();
        var whole = new LogMelOverview(bands, frames, 64);
        whole.Add(values, frames, frames);
        var parts = new LogMelOverview(bands, frames, 64);
        for (var at = 0; at < frames; at += chunk) parts.Add(values.AsSpan(at), frames, Math.Min(chunk, frames - at));
        Assert.Equal(whole.ToPicture(25, 500).Png.ToArray(), parts.ToPicture(25, 500).Png.ToArray());
    }

    [Fact]
    public void ToPicture_SteadyTones_AreAtTheirPlace()
    {
        // Band 0 is loud in the first half, band 2 in the second; the frame that is not finite is passed over.
        var overview = new LogMelOverview(3, 8, 4);
        float[] values = [5, 5, 5, float.NaN, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 5, 5, 5];
        overview.Add(values, 8, 8);
        var (width, height, pixels) = PngPixels.Decode(overview.ToPicture(25, 500).Png.Span);
        Assert.Equal((4, 3), (width, height));
        Assert.Equal([0, 0, 63, 63, 0, 0, 0, 0, 63, 63, 0, 0], pixels);
    }

    [Fact]
    public void Skip_FramesThatWereNotComputed_StayDark()
    {
        var overview = new LogMelOverview(1, 4, 4);
        overview.Add([1, 1], 2, 1);
        overview.Skip(2);
        overview.Add([3], 1, 1);
        overview.Skip(long.MaxValue / 2);
        Assert.Equal([0, 0, 0, 63], PngPixels.Decode(overview.ToPicture(25, 500).Png.Span).Pixels);
    }
}
