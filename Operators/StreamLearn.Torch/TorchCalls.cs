using static TorchSharp.torch;

namespace StreamLearn.Torch;

/// <summary>libtorch has one random stream per process, so calls that draw from it are serialized.</summary>
internal static class TorchCalls
{
    /// <summary>Held from the seed of a step to its gradient, and while a module is created.</summary>
    internal static Lock Gate { get; } = new();

    /// <summary>Sets the seed. Number −1: a new module. Call it while holding the gate.</summary>
    internal static void Seed(long seed, long number, int threads)
    {
        set_num_threads(threads);
        manual_seed(Key(seed, number));
    }

    /// <summary>Decorrelates similar seeds. Source: Steele, Lea, Flood (2014), SplitMix64.</summary>
    internal static long Key(long seed, long number)
    {
        var key = Mixed((ulong)seed + (0x9E3779B97F4A7C15 * ((ulong)number + 2)));
        return (long)(key >> 1);

        static ulong Mixed(ulong z)
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
