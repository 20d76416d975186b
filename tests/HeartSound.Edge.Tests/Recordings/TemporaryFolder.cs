namespace HeartSound.Edge.Tests.Recordings;

/// <summary>A folder of its own for a test, removed with all that is in it.</summary>
internal sealed class TemporaryFolder(string? parent = null) : IDisposable
{
    public string Path { get; } = parent is null ? Directory.CreateTempSubdirectory("heartsound-test-").FullName : Directory.CreateDirectory(System.IO.Path.Combine(parent, $"heartsound-test-{Guid.NewGuid():N}")).FullName;

    public string Write(string name, byte[] bytes)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
