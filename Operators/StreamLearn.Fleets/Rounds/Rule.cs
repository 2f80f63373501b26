using System.Globalization;
using System.Text;

namespace StreamLearn.Fleets;

/// <summary>A strategy, or a part of one: a value that checks its settings, compares by them and prints them.</summary>
/// <remarks>Derive from what is to be decided, such as <see cref="Due"/> or <see cref="Weigh"/>, not from this type.</remarks>
public abstract record Rule
{
    /// <summary>Checks the settings; called at wiring. By default there is nothing to check.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public virtual void Check() { }

    /// <summary>The name of the rule and its settings, in the invariant culture.</summary>
    public sealed override string ToString()
    {
        var culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;      // what the compiler writes for a record prints in the current one
        try
        {
            var text = new StringBuilder(GetType().Name).Append(" { ");
            if (PrintMembers(text)) { text.Append(' '); }
            return text.Append('}').ToString();
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    /// <summary>The rule, its settings checked.</summary>
    private protected static T Checked<T>(T rule)
        where T : Rule
    {
        rule.Check();
        return rule;
    }

    private protected static void CheckRate(float rate, string name)
    {
        if (!(rate > 0 && float.IsFinite(rate))) { throw new ArgumentOutOfRangeException(name, rate, "expected a rate above 0"); }
    }

    /// <summary>A share of what was that is kept.</summary>
    private protected static void CheckKept(float share, string name)
    {
        if (!(share is >= 0 and < 1)) { throw new ArgumentOutOfRangeException(name, share, "expected a share in [0, 1)"); }
    }

    private protected static void CheckShare(double share, string name)
    {
        if (!(share is > 0 and <= 1)) { throw new ArgumentOutOfRangeException(name, share, "expected a share above 0, at most 1"); }
    }
}
