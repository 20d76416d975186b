using HeartSound.Edge.Outputs.Lights;

namespace HeartSound.Edge.Tests.Outputs.Lights;

public sealed class ButtonDecoderTests
{
    [Fact]
    public void Edge_CleanPress_IsShortWhenLetGo() => Assert.Equal([("Short", 230)], Play("+100 -200"));

    [Fact]
    public void Edge_BouncingPress_IsOne() => Assert.Equal([("Short", 433)], Play("+100 -102 +105 -111 +112 -118 +119 -400 +401 -403"));

    [Fact]
    public void Edge_TouchShorterThanTheDebounceTime_IsNone() => Assert.Empty(Play("+100 -120 +500 -529 +900 -901"));

    [Fact]
    public void Edge_BounceFollowedByRest_CountsFromTheFirstEdge() => Assert.Equal([("Long", 2100)], Play("+100 -105 +110 -115 +120 -4000"));

    [Fact]
    public void Advance_HeldForLong_IsLongWhileStillHeldAndNothingAfterwards() => Assert.Equal([("Long", 2100)], Play("+100 -3000"));

    [Fact]
    public void Advance_HeldForEver_IsLongOnce() => Assert.Equal([("Long", 2100)], Play("+100", until: 60_000));

    [Fact]
    public void Edge_ContactThatBreaksForAMomentWhileHeld_IsOneLongPress() => Assert.Equal([("Long", 2100)], Play("+100 -900 +915 -1700 +1720 -3000"));

    [Fact]
    public void Advance_ThreadThatWasHeldUp_StillTellsShortFromLong()
    {
        // All edges come late and at once: what counts is when the kernel saw them.
        var decoder = new ButtonDecoder(new ButtonOptions(), isPressed: false);
        Assert.Null(decoder.Edge(true, Ms(100)));
        Assert.Null(decoder.Edge(false, Ms(400)));
        Assert.Equal(ButtonPress.Short, decoder.Advance(Ms(9000)));
        decoder.Edge(true, Ms(10_000));
        Assert.Null(decoder.Edge(false, Ms(10_000 + 1999)));
        Assert.Equal(ButtonPress.Short, decoder.Advance(Ms(20_000)));
        decoder.Edge(true, Ms(30_000));
        Assert.Equal(ButtonPress.Long, decoder.Edge(false, Ms(33_000)));
        Assert.Null(decoder.Advance(Ms(40_000)));
    }

    [Fact]
    public void Edge_EdgeThatWasLostBetween_StillBounces()
    {
        var decoder = new ButtonDecoder(new ButtonOptions(), isPressed: false);
        decoder.Edge(true, Ms(100));
        decoder.Edge(true, Ms(120));
        Assert.Null(decoder.Advance(Ms(140)));
        Assert.False(decoder.IsPressed);
        decoder.Advance(Ms(150));
        Assert.True(decoder.IsPressed);
    }

    [Fact]
    public void Edge_PressedBeforeItWasWatched_IsNoPress()
    {
        var decoder = new ButtonDecoder(new ButtonOptions(), isPressed: true);
        Assert.Null(decoder.Due);
        Assert.Null(decoder.Advance(Ms(10_000)));
        Assert.Null(decoder.Edge(false, Ms(11_000)));
        Assert.Null(decoder.Advance(Ms(12_000)));
        Assert.False(decoder.IsPressed);
        decoder.Edge(true, Ms(13_000));
        decoder.Edge(false, Ms(13_200));
        Assert.Equal(ButtonPress.Short, decoder.Advance(Ms(13_300)));
    }

    [Fact]
    public void Edge_AThousandRandomBouncingPresses_AreAThousand()
    {
        var random = new Random(7);
        var decoder = new ButtonDecoder(new ButtonOptions(), isPressed: false);
        var (time, shorts, longs, expectedLongs) = (0.0, 0, 0, 0);
        for (var press = 0; press < 1000; press++)
        {
            var isLong = random.Next(4) == 0;
            expectedLongs += isLong ? 1 : 0;
            Bounce(true);
            time += isLong ? 2100 + (random.NextDouble() * 3000) : 100 + (random.NextDouble() * 1500);
            Bounce(false);
            time += 50 + (random.NextDouble() * 500);
        }

        Tell(decoder.Advance(Ms(time + 100)));
        Assert.Equal((1000 - expectedLongs, expectedLongs), (shorts, longs));

        void Bounce(bool to)
        {
            for (var i = random.Next(6) * 2; i >= 0; i--)
            {
                Tell(decoder.Edge(i % 2 == 0 == to, Ms(time)));
                time += random.NextDouble() * 8;
            }
        }

        void Tell(ButtonPress? press)
        {
            shorts += press == ButtonPress.Short ? 1 : 0;
            longs += press == ButtonPress.Long ? 1 : 0;
        }
    }

    // "+100" closes at 100 ms, "-200" opens at 200 ms. Time passes as in the watch: up to the next edge, or to what is due.
    private static List<(string Press, int At)> Play(string edges, int until = 5000)
    {
        var decoder = new ButtonDecoder(new ButtonOptions(), isPressed: false);
        var waiting = new Queue<(bool Closed, int At)>(edges.Split(' ').Select(e => (e[0] == '+', int.Parse(e[1..], System.Globalization.CultureInfo.InvariantCulture))));
        var presses = new List<(string, int)>();
        for (var now = 0; now < until; now++)
        {
            while (waiting.Count > 0 && waiting.Peek().At <= now)
            {
                var edge = waiting.Dequeue();
                Tell(decoder.Edge(edge.Closed, Ms(edge.At)), now);
            }

            if (decoder.Due is { } due && due <= Ms(now)) Tell(decoder.Advance(Ms(now)), now);
        }

        return presses;

        void Tell(ButtonPress? press, int at)
        {
            if (press is not null) presses.Add((press.Value.ToString(), at));
        }
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
