namespace StreamLearn.Learning;

/// <summary>A number that identifies a start of a participant.</summary>
public static class StartEpoch
{
    /// <summary>Defaults to the run's start in milliseconds since 1970, equal for all its blocks.</summary>
    public static long Of(long? set, OperatorContext context) => set ?? context.Now.ToUnixTimeMilliseconds();
}
