using System.CommandLine;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

/// <summary>Commands of every configured program. <paramref name="sample"/>: a commented configuration that can be run unchanged.</summary>
internal sealed class ConfigCommands<T>(Func<ConfigMap, T> read, string sample)
{
    /// <summary>A command that reads the configuration first. <paramref name="action"/>: returns the exit code.</summary>
    public Command Reading(
        string name, string description, Func<ConfigReading<T>, ParseResult, Task<int>> action, params ReadOnlySpan<Option> options)
    {
        Option<string[]> files = new("--config", "-c")
        {
            Description = "The configuration, a YAML file; later files override earlier ones.",
            HelpName = "file",
            Required = true,
            AllowMultipleArgumentsPerToken = false,
        };
        Option<string[]> overrides = new("--set")
        {
            Description = "Override a value of the file: --set link.url=nats://edge-1.",
            HelpName = "key=value",
            DefaultValueFactory = static _ => [],
        };
        overrides.Validators.Add(static result =>
        {
            foreach (var token in result.Tokens.Where(static t => t.Value.IndexOf('=') <= 0))
            {
                result.AddError($"--set: expected key=value, got '{token.Value}'");
            }
        });
        var command = new Command(name, description) { files, overrides };
        foreach (var option in options) { command.Add(option); }
        command.SetAction((result, _) =>
            action(ConfigTree.Load(result.GetValue(files)!, result.GetValue(overrides)).Read(read), result));
        return command;
    }

    public Command Check(Func<T, string> check, Func<T, Task<int>>? online = null)
    {
        var reach = new Option<bool>("--online") { Description = "Also connect to the servers, and read a row of each device." };
        return Reading("check", "Check the configuration and the graph; nothing runs.", async (config, result) =>
        {
            Console.Out.Write($"good: {check(config.Value)}\n");
            return online is not null && result.GetValue(reach) ? await online(config.Value).ConfigureAwait(false) : ProgramExit.Done;
        }, online is null ? [] : [reach]);
    }

    public Command Status(Func<T, DirectoryInfo?> folder) => Reading("status", "Print the state of the running program.", (config, _) =>
    {
        if (folder(config.Value) is not { } state)
        {
            Console.Error.WriteLine("the configuration names no state folder: state: state");
            return Task.FromResult(ProgramExit.BadConfiguration);
        }

        if (StatusFile.Read(state) is not { } members)
        {
            Console.Error.WriteLine($"there is no {StatusFile.Name} in {state.FullName}: the program has not run with this configuration");
            return Task.FromResult(ProgramExit.NoLink);
        }

        var absence = StatusFile.AbsenceOf(members, TimeProvider.System.GetUtcNow());
        foreach (var (name, value) in members)
        {
            Console.Out.WriteLine($"{name}={(name == "state" && absence is not null ? "gone" : value)}");
        }

        if (absence is null) { return Task.FromResult(ProgramExit.Done); }
        Console.Error.WriteLine($"not running: {absence}");
        return Task.FromResult(ProgramExit.NoLink);
    });

    public Command Config(InitOptions? options = null)
    {
        var origin = new Option<bool>("--origin") { Description = "Show where each value comes from." };
        var show = Reading("show", "Print the configuration with all defaults.", (config, result) =>
        {
            return Task.FromResult(Written(config.ToYaml(result.GetValue(origin))));
        }, origin);
        var init = new Command("init", "Print a commented configuration that runs as it is.");
        foreach (var option in options?.Options ?? []) { init.Add(option); }
        init.SetAction(async (result, _) =>
        {
            var text = options is null ? null : await options.Write(result).ConfigureAwait(false);
            return Written(text ?? sample);
        });
        return new("config", "Print configurations.") { show, init, Keys() };
    }

    private Command Keys()
    {
        var prefix = new Argument<string>("prefix")
        {
            Description = "Keys at or below this one, such as link; default: all.",
            DefaultValueFactory = static _ => "",
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON array; texts are Markdown." };
        var command = new Command("keys", """
            Print the keys of the file: values, default and meaning.

            Example: config keys link
            """) { prefix, json };
        command.SetAction((result, _) =>
        {
            var asked = result.GetValue(prefix)!.TrimEnd('.');
            ConfigKey[] keys = [.. ConfigKey.Of(read).Where(k => k.IsUnder(asked))];
            if (keys.Length > 0) { return Task.FromResult(Written(result.GetValue(json) ? ConfigKey.Json(keys) : ConfigKey.Table(keys))); }
            Console.Error.WriteLine($"no key begins with '{asked}'");
            return Task.FromResult(ProgramExit.BadCommandLine);
        });
        return command;
    }

    private static int Written(string text)
    {
        try
        {
            Console.Out.Write(text);
            return ProgramExit.Done;
        }
        catch (IOException e)
        {
            Console.Error.WriteLine($"the output cannot be written: {e.Message.ReplaceLineEndings(" ")}");
            return ProgramExit.DiskFailed;
        }
    }
}
