using System.CommandLine;
using StreamLearn.Compression;
using StreamLearn.Nats;
using StreamLearn.Programs;

namespace Tool;

internal static class ModelsCommand
{
    private const string Description = """
        Lists the model versions in a registry on a NATS server with JetStream, exports them, and adds a file as a new version. pin and
        unpin choose the latest version, which a fleet uses. ls marks it with *, a pinned one with !, the most accurate with +.

        Examples:
          streamlearn models ls nats://server
          streamlearn models ls nats://server --model pump --output jsonl | jq .metrics
          streamlearn models show pump nats://server --version 12
          streamlearn models export pump nats://server                     # the latest, into pump-v12.safetensors
          streamlearn models export pump tls://server --login login.txt --ca plant-ca.pem --version 7 --to before.safetensors
          streamlearn models push pump nats://server --from model.safetensors
          streamlearn models pin pump nats://server --version 11           # stays the latest, whatever is trained
          streamlearn models unpin pump nats://server                      # the highest is the latest again

        Exit codes: 0 done, also where the registry is empty; 1 the server cannot be reached within --wait, refuses the login or the
        certificate, or has no JetStream, there is no such registry, model or version, its bytes are damaged, or a file is there already
        or cannot be written; 2 bad command line; 130 interrupted.
        """;

    internal static Command Create(TextWriter output, TextWriter error) => new("models", Description)
    {
        List(output, error), Show(output, error), Export(output, error), Push(output, error),
        Pin(output, error), Unpin(output, error),
    };

    private static Command List(TextWriter output, TextWriter error)
    {
        Option<string?> model = new("--model") { Description = "The model. Default: all.", HelpName = "name" };
        var lines = Choices.Lines();
        var command = new Command("ls", "Lists versions, one per line; * marks the latest of its model, ! a pinned one.")
        {
            model, lines,
        };
        Connect(command, error, async (result, registry, stop) =>
        {
            var versions = await Registered.ListAsync(registry, result.GetValue(model), stop).ConfigureAwait(false);
            if (versions.Count == 0)
            {
                if (result.GetValue(model) is { } name) { throw NoModel(name); }
                await error.WriteLineAsync("streamlearn: the registry is empty").ConfigureAwait(false);
            }
            else if (result.GetValue(lines) == "jsonl")
            {
                foreach (var version in versions) { await output.WriteLineAsync(RegisteredText.Json(version)).ConfigureAwait(false); }
            }
            else { await output.WriteLineAsync(RegisteredText.Table(versions)).ConfigureAwait(false); }

            return ExitCode.Done;
        });
        return command;
    }

    private static Command Show(TextWriter output, TextWriter error)
    {
        var (model, number, lines) = (Model(), Number(), Choices.Lines());
        var command = new Command("show", "Shows the details of a version.") { model, number, lines };
        Connect(command, error, async (result, registry, stop) =>
        {
            var found = await FindAsync(registry, result.GetRequiredValue(model), result.GetValue(number), stop).ConfigureAwait(false);
            await output.WriteLineAsync(result.GetValue(lines) == "jsonl" ? RegisteredText.Json(found) : RegisteredText.Of(found))
                .ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Export(TextWriter output, TextWriter error)
    {
        var (model, number) = (Model(), Number());
        Option<string?> to = new("--to") { Description = "The file. Default: MODEL-vN.FORMAT, in the current folder.", HelpName = "file" };
        Option<bool> force = new("--force") { Description = "Overwrite an existing file." };
        var command = new Command("export", "Writes a version to a file, after verifying its digest.")
        {
            model, number, to, force,
        };
        Connect(command, error, async (result, registry, stop) =>
        {
            var found = await FindAsync(registry, result.GetRequiredValue(model), result.GetValue(number), stop).ConfigureAwait(false);
            var (file, isForced) = (new FileInfo(result.GetValue(to) ?? RegisteredText.FileName(found.Version)), result.GetValue(force));
            if (Directory.Exists(file.FullName)) { throw new IOException($"{file}: expected a file, it is a folder"); }
            if (file.LinkTarget is not null) { throw new IOException($"{file}: expected a file, it is a link to another"); }
            if (file.Exists && !isForced) { throw new IOException($"{file} already exists; --force overwrites it"); }
            var content = await registry.ReadAsync(found.Version, stop).ConfigureAwait(false);
            await WriteAsync(file, isForced ? FileMode.Create : FileMode.CreateNew, content).ConfigureAwait(false);
            var said = FormattableString.Invariant(
                $"{file}: {content.Length} bytes, model '{found.Version.Model}' version {found.Version.Version}");
            await output.WriteLineAsync(Tapped.Plain(said)).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Push(TextWriter output, TextWriter error)
    {
        var model = Model();
        Option<FileInfo> from = new("--from")
        {
            Description = "The file of a model: model.safetensors, of streamlearn fit or of an export.",
            HelpName = "file",
            Required = true,
        };
        from.Check(static text => File.Exists(text) ? null : $"expected the file of a model, got '{text}'");
        model.Check(static name => name.Length == 0 || LinkConfig.IsName(name) ? null
            : $"expected a name of 1 to {LinkConfig.MaxName} letters, digits, '-' and '_'");
        var command = new Command("push", "Adds a file to the registry as a new version, which becomes the latest.") { model, from };
        Connect(command, error, async (result, registry, stop) =>
        {
            var (name, file) = (result.GetRequiredValue(model), result.GetRequiredValue(from));
            var content = await File.ReadAllBytesAsync(file.FullName, stop).ConfigureAwait(false);
            var (added, isInt8) = await PushAsync(registry, name, file, content, stop).ConfigureAwait(false);
            await SayAsync(output, FormattableString.Invariant(
                $"model '{name}': {file.Name}, {content.Length} bytes{(isInt8 ? " of int8" : "")}, is version {added}"))
                .ConfigureAwait(false);
            return ExitCode.Done;
        }, isMade: true);
        return command;
    }

    /// <summary>Pushes a file, which must be a model.</summary>
    private static async Task<(long Version, bool IsInt8)> PushAsync(
        ModelRegistry registry, string name, FileInfo file, byte[] content, CancellationToken cancellationToken)
    {
        bool isInt8;
        try
        {
            isInt8 = CompressedValues.Load(content).Model is Int8Network;
        }
        catch (ModelFormatException e)
        {
            throw new InvalidDataException($"{file}: {e.Message}", e);
        }

        try
        {
            var lineage = new ModelLineage { Format = isInt8 ? "safetensors int8" : "safetensors" };
            var added = await registry.AddAsync(name, version: null, content, lineage, cancellationToken).ConfigureAwait(false);
            return (added.Version, isInt8);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    private static Command Pin(TextWriter output, TextWriter error)
    {
        var (model, number) = (Model(), Number());
        var command = new Command("pin", "Makes a version the latest and keeps it the latest when others are "
            + "registered.") { model, number };
        Connect(command, error, async (result, registry, stop) =>
        {
            var found = await FindAsync(registry, result.GetRequiredValue(model), result.GetValue(number), stop).ConfigureAwait(false);
            await registry.PinAsync(found.Version.Model, found.Version.Version, stop).ConfigureAwait(false);
            await SayAsync(output, FormattableString.Invariant(
                $"model '{found.Version.Model}': version {found.Version.Version} is the latest, and pinned")).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Unpin(TextWriter output, TextWriter error)
    {
        var model = Model();
        var command = new Command("unpin", "Unpins a model: its highest version is the latest again.") { model };
        Connect(command, error, async (result, registry, stop) =>
        {
            var name = result.GetRequiredValue(model);
            var wasPinned = await registry.UnpinAsync(name, stop).ConfigureAwait(false);
            var found = await FindAsync(registry, name, number: null, stop).ConfigureAwait(false);
            await SayAsync(output, FormattableString.Invariant(
                $"model '{name}': {(wasPinned ? "unpinned" : "was not pinned")}, version {found.Version.Version} is the latest"))
                .ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    private static Task SayAsync(TextWriter output, string text) => output.WriteLineAsync(Tapped.Plain(text));

    /// <summary>Writes a file; deletes it if writing fails.</summary>
    private static async Task WriteAsync(FileInfo file, FileMode mode, byte[] content)
    {
        var stream = file.Open(mode, FileAccess.Write, FileShare.None);
        try
        {
            await using (stream.ConfigureAwait(false)) { await stream.WriteAsync(content, CancellationToken.None).ConfigureAwait(false); }
        }
        catch (IOException)
        {
            file.Delete();
            throw;
        }
    }

    private static Argument<string> Model()
    {
        Argument<string> model = new("model") { Description = "The model." };
        model.Check(static name => name.Length == 0 ? "expected a name, got none" : null);
        return model;
    }

    private static Option<long?> Number() => new("--version")
    {
        Description = "The version. Default: the latest.",
        HelpName = "n",
        CustomParser = static result =>
        {
            var text = result.Tokens[0].Value;
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) { return number; }
            result.AddError($"--version: expected a whole number of at least 0, got '{text}'");
            return null;
        },
    };

    private static async Task<Registered> FindAsync(
        ModelRegistry registry, string model, long? number, CancellationToken cancellationToken)
    {
        if (await Registered.FindAsync(registry, model, number, cancellationToken).ConfigureAwait(false) is { } found) { return found; }
        var there = await registry.ListAsync(model, cancellationToken).ConfigureAwait(false);
        if (there.Count == 0) { throw NoModel(model); }
        throw new InvalidDataException(number is null
            ? $"no version of model '{model}' is the latest: name one with --version"
            : FormattableString.Invariant(
                $"model '{model}' has no version {number}: it has {there[0].Version} to {there[^1].Version}"));
    }

    private static InvalidDataException NoModel(string model) => new($"there is no model '{model}' in the registry");

    /// <summary><paramref name="isMade"/>: true to create a missing registry.</summary>
    private static void Connect(
        Command command, TextWriter error, Func<ParseResult, ModelRegistry, CancellationToken, Task<int>> work, bool isMade = false)
    {
        var server = new ServerOptions(isOfNats: true);
        Option<string> name = new("--registry")
        {
            Description = "The name of the registry.",
            HelpName = "name",
            DefaultValueFactory = _ => ModelRegistry.DefaultName,
        };
        name.Check(static text => text.Length > 0 && text.All(IsOfName) ? null : "expected letters, digits, '-' and '_'");
        command.Add(name);
        server.AddTo(command);
        command.SetAction((result, stop) => Reporting.RunAsync(
            async () =>
            {
                try
                {
                    var options = server.NatsOf(result);
                    var connection = await options.ConnectAsync(stop).ConfigureAwait(false);
                    await using var _ = connection.ConfigureAwait(false);
                    var asked = result.GetRequiredValue(name);
                    var registry = isMade
                        ? await ModelRegistry.OpenAsync(connection, asked, maxBytes: -1, replicas: 1, stop).ConfigureAwait(false)
                        : await ModelRegistry.FindAsync(connection, asked, stop).ConfigureAwait(false) ?? throw new InvalidDataException(
                            $"{server.NameOf(result)} has no registry '{asked}'");
                    return await work(result, registry, stop).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    return ExitCode.Interrupted;
                }
            },
            error));

        static bool IsOfName(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';
    }
}
