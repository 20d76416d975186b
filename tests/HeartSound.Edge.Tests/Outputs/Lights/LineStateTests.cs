using HeartSound.Edge.Outputs.Lights;
using HeartSound.Native;
using HeartSound.Native.Gpiod;

namespace HeartSound.Edge.Tests.Outputs.Lights;

public sealed class LineStateTests
{
    public static TheoryData<GpioFault> Faults => [.. Enum.GetValues<GpioFault>()];

    [Theory]
    [MemberData(nameof(Faults))]
    public void Of_EveryFaultOfGpio_HasItsName(GpioFault fault) => Assert.Equal(fault.ToString(), LineStates.Of(new GpioException(fault, "")).ToString());

    [Fact]
    public void Of_AnythingElse_IsNamedToo()
    {
        Assert.Equal(LineState.LibraryMissing, LineStates.Of(new NativeLibraryMissingException()));
        Assert.Equal(LineState.Failed, LineStates.Of(new InvalidOperationException()));
    }
}
