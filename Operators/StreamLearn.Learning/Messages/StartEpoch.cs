namespace StreamLearn.Learning;

/// <summary>The number by which the starts of a participant are told apart.</summary>
public static class StartEpoch
{
    /// <summary>Defaults to the run's start in milliseconds since 1970, equal for all its blocks.</summary>
    public static long Of(long? set, OperatorContext context) => set ?? context.Now.ToUnixTimeMilliseconds();
}
