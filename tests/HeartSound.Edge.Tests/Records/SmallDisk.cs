namespace HeartSound.Edge.Tests.Records;

/// <summary>A file on a disk with room for so many bytes, which then says what a full one says.</summary>
internal sealed class SmallDisk(Stream file, Func<int> room) : DiskStream(file)
{
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Length + buffer.Length > room()) throw new IOException("No space left on device", 28);
        base.Write(buffer);
    }
}

/// <summary>A file on a disk that takes nothing while the gate is shut, but the header.</summary>
internal sealed class StoppedDisk(Stream file, ManualResetEventSlim gate) : DiskStream(file)
{
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Length > 0) gate.Wait();
        base.Write(buffer);
    }
}

/// <summary>Passes everything on.</summary>
internal abstract class DiskStream(Stream file) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => file.Length;

    public override long Position { get => file.Position; set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer) => file.Write(buffer);

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => file.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) file.Dispose();
        base.Dispose(disposing);
    }
}
