using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using StreamLearn.Models;

namespace Tool;

internal static class AnswerCommand
{
    internal const string StandardInput = "-";

    private const string Description = """
        Answers rows with a model, a line for each answer as soon as its rows have come.

        --csv and --arrow: rows of a sensor, with a model that streamlearn fit has saved. Windows are cut of them and prepared as those that
        it was learned from, and each answer has the time, the class and how sure the model is.

        --command, --serial, --mqtt and --nats: the same, of rows as they are measured: lines of a program or of a serial port, messages of
        a topic. --to publishes the answers as JSON. It goes on until it is interrupted, or the command ends with exit code 0.

        --rows: rows of numbers as the model takes them, of any model, with the last exit of a network. The first line names the columns.
        Those that the model names are found by name, others are not looked at; a model without names takes all columns in their order.
        Where the model takes windows, as many lines as a channel has samples are one row. Classes and centers are answered by label, or
        number without labels; a model of values answers its outputs.

        Examples:
          streamlearn answer out/model.safetensors --csv live.csv --follow
          streamlearn answer out/model.safetensors --arrow new.arrow --out answers.arrow
          streamlearn answer out/model.safetensors --command 'python3 read.py'
          streamlearn answer out/model.safetensors --mqtt mqtt://broker/plant/pump-7/rows --time t:ms --to mqtt://broker/plant/pump-7/answer
          streamlearn answer pump.safetensors --rows today.csv --scores

        Exit codes: 0 done; 2 bad command line; 130 interrupted; 69 no server; with --csv or --arrow 65 data refused and 73 cannot write,
        with --rows 1 a file is refused.
        """;

    internal static Command Create(TextReader input, TextWriter output, TextWriter error)
    {
        Option<string?> rows = new("--rows")
        {
            Description = $"Rows as the model takes them: the path of a file; {StandardInput}: standard input.",
            HelpName = "file",
        };
        Option<bool> scores = new("--scores")
        {
            Description = "Print the score of every class or center after the answer, too; with --rows.",
        };
        rows.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value != StandardInput && !File.Exists(token.Value))
            {
                result.AddError($"--rows: expected the path of a file, or {StandardInput}, got '{token.Value}'");
            }
        });
        var command = new Command("answer", Description) { rows, scores };
        var live = new LiveOptions();
        live.AddTo(command);
        FitCommands.Answer(command, LearnCommands.Program);
        live.Out = command.Options.Single(static o => o.Name == "--out");
        live.Bound = (Option<double?>)command.Options.Single(static o => o.Name == "--bound");
        var model = (Argument<string>)command.Arguments.Single();
        model.Description = $"The file of a model; with --rows {ModelSource.Help}.";
        command.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.Children.Any(static c => c.Errors.Any())) { return; }
            var problem = live.IsGiven(result) ? live.Broken(result)
                : Broken(result.GetResult(rows), result.GetResult(scores), result);
            if (problem is not null) { result.AddError(problem); }
        });
        var answer = (AsynchronousCommandLineAction)command.Action!;
        command.SetAction((result, cancellationToken) => live.IsGiven(result.CommandResult)
            ? LiveAnswers.RunAsync(new(result.GetRequiredValue(model)), live.Of(result), cancellationToken)
            : result.GetValue(rows) is { } name
            ? RunAsync(() => Run(result.GetRequiredValue(model), name, result.GetValue(scores), input, output, error), cancellationToken)
            : answer.InvokeAsync(result, cancellationToken));
        return command;
    }

    /// <summary>A blocking terminal read does not notice Ctrl+C.</summary>
    private static async Task<int> RunAsync(Func<int> run, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(run, CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
    }

    private static string? Broken(OptionResult? rows, OptionResult? scores, CommandResult result)
    {
        var others = result.Children.OfType<OptionResult>()
            .Where(o => !o.Implicit && o != rows && o != scores).Select(static o => o.Option.Name).ToList();
        if (rows is null)
        {
            return scores is { Implicit: false } ? "--scores: expected --rows FILE, the rows as the model takes them"
                : others.Contains("--csv") || others.Contains("--arrow") ? null
                : "answer: expected --csv, --arrow, --command, --serial, --mqtt, --nats or --rows; it names the rows";
        }

        var model = result.GetValue<string>("model")!;
        return others is [var other, ..] ? $"{other}: leave it out; with --rows the model gets the rows as they are"
            : ModelSource.Misfit(model) is { } problem ? $"model: {problem}" : null;
    }

    private static int Run(string model, string name, bool scores, TextReader input, TextWriter output, TextWriter error)
    {
        if (ModelSource.Load(model, error) is not { } loaded) { return ExitCode.Refused; }
        try
        {
            using var file = name == StandardInput ? null : Open(name);
            var (left, unanswered) = Run(loaded, file ?? input, scores, output);
            if (left > 0)
            {
                error.WriteLine($"streamlearn: {name}: {left} lines left over, a row takes {loaded.Model.Plan.Input.Samples}");
            }

            if (unanswered > 0)
            {
                error.WriteLine($"streamlearn: {name}: {unanswered} rows not answered (an empty line each): values too large");
            }

            return ExitCode.Done;
        }
        catch (RowsException problem)
        {
            error.WriteLine($"streamlearn: {name}: {problem.Message}");
            return ExitCode.Refused;
        }
    }

    private static StreamReader Open(string name)
    {
        try
        {
            return File.OpenText(name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RowsException(e.Message);
        }
    }

    /// <summary>Returns leftover lines and rows without an answer (overflow).</summary>
    private static (int Left, int Unanswered) Run(LoadedModel loaded, TextReader reader, bool scores, TextWriter output)
    {
        var plan = loaded.Model.Plan;
        var rows = new CsvRows(reader, plan.Input, ModelText.Columns(loaded));
        var answers = new Answers(plan, loaded.Card.Labels, scores);
        var (row, outputs, memory) = (new float[plan.Input.Size], new float[plan.Outputs], new Workspace());
        var unanswered = 0;
        output.WriteLine(answers.Head());
        while (rows.Next(row))
        {
            loaded.Model.Infer(loaded.Weights.Values.AsSpan(), new(row, 1), outputs, memory);
            var isFinite = Array.TrueForAll(outputs, float.IsFinite);
            if (!isFinite) { unanswered++; }
            output.WriteLine(isFinite ? answers.Of(outputs) : "");       // a line for each row, in their order
        }

        return (rows.LeftOver, unanswered);
    }
}
