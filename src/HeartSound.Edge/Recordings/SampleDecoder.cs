namespace HeartSound.Edge.Recordings;

/// <summary>Takes one channel, or the mean of all, out of interleaved bytes. Stateless.</summary>
internal static class SampleDecoder
{
    /// <summary>Decodes the first <c>mono.Length</c> samples per channel of <paramref name="interleaved"/>.</summary>
    public static void Decode(SampleEncoding encoding, ReadOnlySpan<byte> interleaved, int channels, Channel channel, Span<float> mono)
    {
        switch (encoding)
        {
            case SampleEncoding.Unsigned8: Decode<Unsigned8>(interleaved, channels, channel, mono); break;
            case SampleEncoding.Signed16: Decode<Signed16>(interleaved, channels, channel, mono); break;
            case SampleEncoding.Signed24: Decode<Signed24>(interleaved, channels, channel, mono); break;
            case SampleEncoding.Signed32: Decode<Signed32>(interleaved, channels, channel, mono); break;
            case SampleEncoding.Float32: Decode<Float32>(interleaved, channels, channel, mono); break;
            case SampleEncoding.Float64: Decode<Float64>(interleaved, channels, channel, mono); break;
            default: throw new ArgumentOutOfRangeException(nameof(encoding));
        }
    }

    public static void Decode<T>(ReadOnlySpan<byte> interleaved, int channels, Channel channel, Span<float> mono)
        where T : struct, ISampleCodec
    {
        var first = channel == Channel.Mix ? 0 : channel.Number - 1;
        var taken = channel == Channel.Mix ? channels : 1;
        var block = channels * T.Bytes;
        for (var i = 0; i < mono.Length; i++)
        {
            var at = interleaved.Slice(i * block + first * T.Bytes, taken * T.Bytes);
            var sum = T.Value(at);
            for (var c = 1; c < taken; c++) sum += T.Value(at[(c * T.Bytes)..]);
            mono[i] = (float)(sum / taken);
        }
    }
}
