namespace StreamLearn.Testing;

/// <summary>Whether tests that have a long form do all of it.</summary>
public static class LongForm
{
    /// <summary>True if <c>STREAMLEARN_LONG</c> is 1, as <c>./test.sh --long</c> sets it.</summary>
    public static bool IsAsked { get; } = Environment.GetEnvironmentVariable("STREAMLEARN_LONG") == "1";
}
