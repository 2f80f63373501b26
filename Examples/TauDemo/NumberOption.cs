using System.CommandLine;
using System.Globalization;

namespace TauDemo;

/// <summary>Options that take a whole number.</summary>
internal static class NumberOption
{
    /// <summary>Makes one. <paramref name="otherwise"/>: the number where none is given.</summary>
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
