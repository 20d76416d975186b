namespace HeartSound.Native.Mosquitto;

/// <summary>
/// How long to wait before the next attempt: at random from <paramref name="first"/> up to a ceiling, which doubles each time up to <paramref name="most"/>. So a thousand devices
/// whose broker was restarted do not come back all at once. Not for several threads.
/// </summary>
/// <param name="first">The shortest wait.</param>
/// <param name="most">The longest.</param>
/// <param name="proof">How long a connection must have lasted to have proved itself: only then is the ceiling low again. A broker that takes a client and cuts it off at once is not stormed.</param>
/// <param name="random">At least 0, below 1.</param>
internal sealed class ReconnectDelay(TimeSpan first, TimeSpan most, TimeSpan proof, Func<double> random)
{
    private TimeSpan _ceiling;

    /// <summary>The wait after a connection that lasted <paramref name="lasted"/>; zero when none came about.</summary>
    public TimeSpan Next(TimeSpan lasted)
    {
        var last = lasted >= proof || _ceiling == TimeSpan.Zero ? first : _ceiling;
        _ceiling = last * 2 < most ? last * 2 : most;
        return first + ((_ceiling - first) * random());
    }
}
