using static TorchSharp.torch;

namespace StreamLearn.Torch;

/// <summary>What calls of libtorch share in a process: its random numbers are one stream, so that what draws takes turns.</summary>
internal static class TorchCalls
{
    /// <summary>Held by a step from its seed to its gradient, and by the making of a module.</summary>
    internal static Lock Gate { get; } = new();

    /// <summary>Begins the random numbers of a batch, or of a new module (number −1). The gate must be held.</summary>
    internal static void Seed(long seed, long number, int threads)
    {
        set_num_threads(threads);
        manual_seed(Key(seed, number));
    }

    /// <summary>Seeds far from each other for near ones. Source: Steele, Lea, Flood (2014), SplitMix64.</summary>
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
