using HeartSound.Edge.Recordings;

namespace HeartSound.Edge.Tests.Recordings;

public sealed class WavWriterTests : RecordingTest
{
    private string Target => Path.Combine(Folder.Path, "out.wav");

    [Fact]
    public void Complete_WhatWasWritten_IsReadBack()
    {
        float[] samples = [0, 0.5f, -0.5f, 1, -1, 7, -7, float.NaN, 1.4f / 32768];
        using (var writer = new WavWriter(Target, 4000))
        {
            writer.Write(samples.AsSpan(0, 4));
            writer.Write(samples.AsSpan(4));
            writer.Complete();
        }

        using var recording = RecordingReader.Open(Target);
        Assert.Equal((4000, 1, "WAV PCM 16-bit", null), (recording.SampleRateHz, recording.Channels, recording.Format, recording.Warning));
        Assert.Equal([0, 0.5f, -0.5f, 32767 / 32768f, -1, 32767 / 32768f, -1, 0, 1 / 32768f], ReadAll(recording));
    }

    [Fact]
    public void Write_MoreThanTheBuffer_IsWhole()
    {
        var samples = new float[100_000];
        for (var i = 0; i < samples.Length; i++) samples[i] = (i % 65_536 - 32_768) / 32_768f;
        using (var writer = new WavWriter(Target, 48_000))
        {
            writer.Write(samples);
            writer.Complete();
        }

        Assert.Equal(samples, ReadAll(Target));
    }

    [Fact]
    public void Dispose_WithoutComplete_LeavesTheOldFileAndNothingElse()
    {
        var old = Write([1, 2, 3], "out.wav");
        using (var writer = new WavWriter(Target, 4000)) writer.Write(new float[10]);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(old));
        Assert.Single(Directory.GetFileSystemEntries(Folder.Path));
    }

    [Fact]
    public void Complete_OverAnOldFile_ReplacesIt()
    {
        Write([1, 2, 3], "out.wav");
        using (var writer = new WavWriter(Target, 4000))
        {
            writer.Write(new float[10]);
            writer.Complete();
        }

        Assert.Equal(64, new FileInfo(Target).Length);
        Assert.Single(Directory.GetFileSystemEntries(Folder.Path));
    }
}
