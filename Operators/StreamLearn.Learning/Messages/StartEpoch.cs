namespace StreamLearn.Learning;

/// <summary>The number by which the starts of a participant are told apart.</summary>
public static class StartEpoch
{
    /// <summary>The number that was set, or the start of the run in milliseconds since 1970: the same for all blocks of the run.</summary>
    public static long Of(long? set, OperatorContext context) => set ?? context.Now.ToUnixTimeMilliseconds();
}
