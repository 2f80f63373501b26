using System.Collections.Immutable;

namespace StreamLearn.Operators;

/// <summary>A kernel with a dilation: the rows between its weights, the weights of 2 from 0 to 8, and its channels and features.</summary>
/// <param name="Dilation">Rows from one weight to the next.</param>
/// <param name="Weights">The three places of the weights of 2.</param>
/// <param name="Channels">The channels that it runs over the sum of.</param>
/// <param name="FirstFeature">Its first feature.</param>
/// <param name="Features">How many it has, each with a bias of its own.</param>
/// <param name="IsInner">True if outputs that reach beyond the ends of the window are left out.</param>
public sealed record RocketPlace(int Dilation, (int A, int B, int C) Weights, ImmutableArray<int> Channels, int FirstFeature,
    int Features, bool IsInner);

/// <summary>What follows from the shape of a window, the number of features and the seed: which kernels run over which channels.</summary>
internal sealed class RocketPlan
{
    private const int MaxDilations = 32;        // of a kernel
    private const int MaxChannels = 9;          // that a kernel runs over

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

    /// <summary>Kernels with their dilations, in the order of their features.</summary>
    internal RocketPlace[] Places { get; }

    internal int MaxDilation { get; }

    /// <summary>Dilations from 1 to where a kernel is as long as the window, evenly spaced by their logarithms and rounded down, and how
    /// many features each kernel has with them.</summary>
    internal static List<(int Dilation, int Features)> DilationsOf(int rows, int perKernel)
    {
        var places = Math.Min(perKernel, MaxDilations);
        var largest = Math.Log2((rows - 1) / (double)(RocketKernels.MinRows - 1));
        var dilations = Enumerable.Range(0, places)
            .Select(i => (int)(Math.Pow(2, places == 1 ? 0 : largest * i / (places - 1)) + 1e-9))     // 12 is not 11.999…
            .CountBy(static d => d).Select(d => (Dilation: d.Key, Features: d.Value * perKernel / places)).ToList();
        var left = perKernel - dilations.Sum(static d => d.Features);
        for (var i = 0; i < left; i++)
        {
            var at = i % dilations.Count;
            dilations[at] = dilations[at] with { Features = dilations[at].Features + 1 };
        }

        return dilations;
    }

    /// <summary>Some of the channels: few more often than many, at most nine, none twice.</summary>
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
