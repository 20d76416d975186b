namespace HeartSound.Edge.Recordings;

/// <summary>The path without any link in it, as realpath(3) gives it: what tells whether two ways lead to one folder.</summary>
internal static class RealPath
{
    /// <summary>As the Linux kernel, which gives up with ELOOP after 40.</summary>
    private const int MaxLinks = 40;

    /// <exception cref="IOException">More than 40 links have to be followed.</exception>
    public static string Of(string path)
    {
        var links = 0;
        var real = "/";
        var rest = new Stack<string>(Parts(Path.GetFullPath(path)));
        while (rest.TryPop(out var part))
        {
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? "/";
                continue;
            }

            var next = Path.Combine(real, part);
            if (new DirectoryInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MaxLinks) throw new IOException("too many links lead to it");
            if (target.StartsWith('/')) real = "/";
            foreach (var step in Parts(target)) rest.Push(step);
        }

        return real;
    }

    /// <summary>Last part first, as a stack takes them.</summary>
    private static IEnumerable<string> Parts(string path) => path.Split('/').Where(part => part.Length > 0 && part != ".").Reverse();
}
