using System.CommandLine;
using System.Globalization;

namespace TauDemo;

/// <summary>Options that take a whole number.</summary>
internal static class NumberOption
{
    /// <summary>Makes one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it is.</param>
    /// <param name="otherwise">The number where none is given.</param>
    /// <param name="least">The smallest.</param>
    /// <param name="most">The largest.</param>
    internal static Option<int> Of(string name, string description, int otherwise, int least, int most)
    {
        var range = string.Create(CultureInfo.InvariantCulture, $"{least} to {most}");
        return new(name)
        {
            Description = $"{description} {range}.",
            DefaultValueFactory = _ => otherwise,
            CustomParser = result =>
            {
                var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
                if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
                {
                    return value;
                }

                result.AddError($"{name}: expected {range}, got '{text}'");
                return otherwise;
            },
        };
    }
}
