using System.Globalization;
using System.Text;

namespace StreamLearn.Fleets;

/// <summary>A strategy or a part of one: a printable value with checked settings.</summary>
/// <remarks>Derive from a specific rule, such as <see cref="Due"/> or <see cref="Weigh"/>.</remarks>
public abstract record Rule
{
    /// <summary>Checks the settings when the pipeline is built; by default there are none.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public virtual void Check() { }

    /// <summary>Formats the rule and its settings in the invariant culture.</summary>
    public sealed override string ToString()
    {
        var culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;      // the generated ToString of a record uses the current culture
        try
        {
            var text = new StringBuilder(GetType().Name).Append(" { ");
            if (PrintMembers(text)) { text.Append(' '); }
            return text.Append('}').ToString();
        }
        finally { CultureInfo.CurrentCulture = culture; }
    }

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

    private protected static void CheckKept(float share, string name)
    {
        if (!(share is >= 0 and < 1)) { throw new ArgumentOutOfRangeException(name, share, "expected a share in [0, 1)"); }
    }

    private protected static void CheckShare(double share, string name)
    {
        if (!(share is > 0 and <= 1)) { throw new ArgumentOutOfRangeException(name, share, "expected a share above 0, at most 1"); }
    }
}
