using System.Collections.Immutable;

namespace StreamLearn.Operators;

/// <summary>A kernel with its dilation, weights, channels and features.</summary>
/// <param name="Dilation">Rows between weights.</param>
/// <param name="Weights">Positions of the weights of 2, 0 to 8.</param>
/// <param name="Channels">Channels whose sum it filters.</param>
/// <param name="FirstFeature">Its first feature.</param>
/// <param name="Features">Number of features, with a bias each.</param>
/// <param name="IsInner">True if it omits outputs beyond the ends.</param>
public sealed record RocketPlace(int Dilation, (int A, int B, int C) Weights, ImmutableArray<int> Channels, int FirstFeature,
    int Features, bool IsInner);

internal sealed class RocketPlan
{
    private const int MaxDilations = 32;        // per kernel
    private const int MaxChannels = 9;          // per kernel

    internal RocketPlan(int channels, int rows, int features, long seed)
    {
        var random = new RandomStream(seed, "rocket-channels");
        var places = new List<RocketPlace>();
        var order = new int[channels];
        var feature = 0;
        foreach (var (number, (dilation, count)) in DilationsOf(rows, features / RocketKernels.Count).Index())
        {
            var kernel = 0;
            for (var a = 0; a < RocketKernels.MinRows; a++)
            {
                for (var b = a + 1; b < RocketKernels.MinRows; b++)
                {
                    for (var c = b + 1; c < RocketKernels.MinRows; c++)
                    {
                        places.Add(new(dilation, (a, b, c), Choose(order, random), feature, count, (number + kernel++) % 2 == 1));
                        feature += count;
                    }
                }
            }
        }

        Places = [.. places];
        MaxDilation = Places[^1].Dilation;
    }

    internal RocketPlace[] Places { get; }

    internal int MaxDilation { get; }

    /// <summary>Log-spaced dilations, rounded down, up to kernels as long as the window, with the number of features per kernel.</summary>
    internal static List<(int Dilation, int Features)> DilationsOf(int rows, int perKernel)
    {
        var places = Math.Min(perKernel, MaxDilations);
        var largest = Math.Log2((rows - 1) / (double)(RocketKernels.MinRows - 1));
        var dilations = Enumerable.Range(0, places)
            .Select(i => (int)(Math.Pow(2, places == 1 ? 0 : largest * i / (places - 1)) + 1e-9))     // avoids 11.999… instead of 12
            .CountBy(static d => d).Select(d => (Dilation: d.Key, Features: d.Value * perKernel / places)).ToList();
        var left = perKernel - dilations.Sum(static d => d.Features);
        for (var i = 0; i < left; i++)
        {
            var at = i % dilations.Count;
            dilations[at] = dilations[at] with { Features = dilations[at].Features + 1 };
        }

        return dilations;
    }

    /// <summary>Chooses distinct channels, at most nine; small sets are more likely.</summary>
    private static ImmutableArray<int> Choose(int[] order, RandomStream random)
    {
        var count = (int)Math.Pow(Math.Min(order.Length, MaxChannels) + 1, random.NextDouble());
        for (var i = 0; i < order.Length; i++) { order[i] = i; }
        for (var i = 0; i < count; i++)
        {
            var other = i + random.NextInt32(order.Length - i);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return [.. order.AsSpan(0, count)];
    }
}
