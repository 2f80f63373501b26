namespace StreamLearn.Models.Tests;

public sealed class HardwareTests
{
    [Fact]
    public void A_processor_without_what_kernels_need_is_named_in_one_line()
    {
        Assert.Null(Hardware.WarningOf(multiplyAdd: true, vectors: true));
        Assert.Contains("models run ten to forty times slower", Hardware.WarningOf(false, true), StringComparison.Ordinal);
        Assert.Contains("FMA is missing", Hardware.WarningOf(false, false), StringComparison.Ordinal);
        Assert.Contains("AVX2 is missing", Hardware.WarningOf(true, false), StringComparison.Ordinal);
        Assert.All(new[] { (false, true), (false, false), (true, false) },
            f => Assert.DoesNotContain('\n', Hardware.WarningOf(f.Item1, f.Item2)!));
    }
}
