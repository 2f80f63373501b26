using System.Text;
using StreamLearn.Learning;

namespace StreamLearn.Aggregation;

/// <summary>A preset of rounds: a value that prints, compares and stands in configuration.</summary>
public abstract record Strategy
{
    /// <summary>The five decisions.</summary>
    public abstract Rounds Rounds { get; }

    /// <summary>Checks the settings; called at wiring.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public virtual void Check() { }

    /// <summary>Prints the settings alone.</summary>
    /// <param name="builder">Where to.</param>
    protected virtual bool PrintMembers(StringBuilder builder) => false;

    private protected static void CheckRate(float rate, string name)
    {
        if (!(rate > 0 && float.IsFinite(rate))) { throw new ArgumentOutOfRangeException(name, rate, "expected a rate above 0"); }
    }

    private protected static void CheckShare(float share, string name)
    {
        if (!(share is >= 0 and < 1)) { throw new ArgumentOutOfRangeException(name, share, "expected a share in [0, 1)"); }
    }

    private protected static void CheckDirective(Directive directive)
    {
        ArgumentNullException.ThrowIfNull(directive);
        if (!directive.IsValid || directive.Device is not null)
        {
            throw new ArgumentException($"expected a directive for every device, in range, got {directive}", nameof(directive));
        }
    }
}
