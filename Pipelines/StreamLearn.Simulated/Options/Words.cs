using System.CommandLine;

namespace StreamLearn.Simulated;

internal static class Words
{
    internal static Option<TWord?> Option<TWord>(string name, string description, params (string Text, TWord Value)[] words)
        where TWord : struct => new(name)
        {
            Description = description,
            HelpName = string.Join('|', words.Select(w => w.Text)),
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                foreach (var (word, value) in words)
                {
                    if (string.Equals(word, text, StringComparison.OrdinalIgnoreCase)) { return value; }
                }

                result.AddError($"{name}: expected one of {string.Join(", ", words.Select(w => w.Text))}, got '{text}'");
                return null;
            },
        };
}
