using HeartSound.Edge.Inference;

namespace HeartSound.Edge.Tests.Inference;

public sealed class ModelFolderTests
{
    [Theory]
    [InlineData("/opt/heartsound/releases/0.2.0/bin/app/", null, "/opt/heartsound/models")]
    [InlineData("/opt/heartsound/releases/0.2.0/bin/app", "", "/opt/heartsound/models")]
    [InlineData("/opt/heartsound/releases/0.2.0/bin/app/", "/tmp/candidate", "/tmp/candidate")]
    [InlineData("/home/somebody/heartsound/bin/app/", null, null)]
    [InlineData("/home/somebody/heartsound/bin/app/", "/tmp/candidate", "/tmp/candidate")]
    public void InstalledFor_ProgramAndEnvironment_IsBesideTheReleasesOrWhereItIsNamed(string program, string? named, string? expected) =>
        Assert.Equal(expected, ModelFolder.InstalledFor(program, named));
}
