using System.Runtime.CompilerServices;
using Xunit;

namespace StreamLearn.Testing;

/// <summary>Whether tests that have a long form do all of it.</summary>
public static class LongForm
{
    /// <summary>True if <c>STREAMLEARN_LONG</c> is 1, as <c>./test.sh --long</c> sets it.</summary>
    public static bool IsAsked { get; } = Environment.GetEnvironmentVariable("STREAMLEARN_LONG") == "1";
}

/// <summary>A test that has a long form only: done in part it would show nothing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LongFactAttribute : FactAttribute
{
    /// <summary>Has the test run where the long form is asked for, and where it is chosen by itself in an editor.</summary>
    public LongFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) => Explicit = !LongForm.IsAsked;
}

/// <summary>A <see cref="LongFactAttribute"/> for rows of data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LongTheoryAttribute : TheoryAttribute
{
    /// <inheritdoc cref="LongFactAttribute(string?, int)"/>
    public LongTheoryAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber) => Explicit = !LongForm.IsAsked;
}
