using System.CommandLine;

namespace StreamLearn.Programs;

internal static class TimeOption
{
    /// <summary><paramref name="alone"/>: value of the bare option; null if it needs a duration.</summary>
    public static Option<TimeSpan?> Create(string name, string description, TimeSpan? alone = null) => new(name)
    {
        Description = description,
        HelpName = "duration",
        Arity = alone is null ? ArgumentArity.ExactlyOne : ArgumentArity.ZeroOrOne,
        CustomParser = result =>
        {
            if (result.Tokens.Count == 0) { return alone; }
            try
            {
                return ConfigTree.Parse(name, $"d: {result.Tokens[0].Value}")
                    .Read(static map => map["d"].Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(365)).Required()).Value;
            }
            catch (ConfigurationException)
            {
                result.AddError($"{name}: expected a duration such as 500ms, 30s or 10m, got '{result.Tokens[0].Value}'");
                return null;
            }
        },
    };
}
