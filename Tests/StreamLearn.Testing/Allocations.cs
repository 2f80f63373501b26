namespace StreamLearn.Testing;

/// <summary>What calls allocate once the runtime is done with them: compiling a method may allocate, too, at any time.</summary>
public static class Allocations
{
    private const int Rounds = 20;

    /// <summary>The least that one of some rounds allocates on this thread.</summary>
    /// <param name="round">The calls.</param>
    public static long Least(Action round)
    {
        var least = long.MaxValue;
        for (var i = 0; i < Rounds && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
