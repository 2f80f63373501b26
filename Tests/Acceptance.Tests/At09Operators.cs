using StreamLearn;
using StreamLearn.Learning;

namespace Acceptance.Tests;

/// <summary>Section 9: preprocessing and selection.</summary>
public sealed class At09Operators
{
    [Fact]
    public void AT_9a_Moments_merged_over_ten_devices_equal_those_of_all_rows()
    {
        var random = new RandomStream(1, "at-9a");
        ChannelMoments? merged = null;
        var all = new List<double>();
        for (var device = 0; device < 10; device++)
        {
            var values = Enumerable.Range(0, 1000 + device).Select(_ => random.NextGaussian() * (device + 1) + device).ToList();
            var mean = values.Average();
            merged = ChannelMoments.Merge(merged, new(values.Count, [mean], [values.Sum(v => (v - mean) * (v - mean))]));
            all.AddRange(values);
        }

        var wholeMean = all.Average();
        Assert.Equal(wholeMean, merged!.Mean[0], 1e-9);
        Assert.Equal(all.Sum(v => (v - wholeMean) * (v - wholeMean)) / (all.Count - 1), merged.Variance(0), 1e-9 * merged.Variance(0));
    }
}
