using System.CommandLine;
using StreamLearn.Tables;

namespace Aggregator;

/// <summary><c>switch</c>: changes a running aggregator's strategy.</summary>
internal static class SwitchCommand
{
    internal static Command Create(ConfigCommands<AggregatorConfig> commands)
    {
        var name = new Argument<string>("strategy") { Description = "The strategy's name in the configuration, such as fedavg." };
        var command = commands.Reading("switch", "Switch the running aggregator to another strategy of its configuration.",
            (config, result) => TellAsync(config.Value, result.GetRequiredValue(name)));
        command.Add(name);
        return command;
    }

    private static async Task<int> TellAsync(AggregatorConfig config, string name)
    {
        if (config.Others.Append(config.Strategy).All(s => s.Name != name))
        {
            var known = string.Join(", ", config.Others.Append(config.Strategy).Select(static s => s.Name));
            Console.Error.WriteLine(
                $"streamlearn-aggregator: expected 'strategy' or one of 'switchable' of the configuration, {known}, got '{name}'");
            return ProgramExit.BadCommandLine;
        }

        return await ConsoleMessage.SendAsync(config.Link, config.Link.Topics.Choices, StrategyChoice.Codec, new(name),
            $"changes to {name}").ConfigureAwait(false);
    }
}
