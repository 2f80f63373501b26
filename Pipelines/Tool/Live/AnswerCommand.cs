using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Tool;

internal static class AnswerCommand
{
    private const string Description = """
        Answers rows with a model. Prints a line for each answer as soon as its rows have arrived.

        --csv and --arrow: rows of a sensor, with a model saved by streamlearn fit. They are cut into windows and prepared as in training.
        Each answer has the time, the class and its probability.

        --command, --serial, --mqtt and --nats: the same for live rows: lines of a program or of a serial port, messages of a topic. --to
        publishes the answers as JSON. It runs until it is interrupted, or until the command ends with exit code 0.

        --rows: rows of numbers in the model's input format, for any model; of a network the last exit answers. The first line
        names the columns. A model that names its columns reads these and ignores others; a model without names reads all
        columns in their order. If the model has windows, one row has a line for each sample. Classes and centers are answered by
        label, or by number without labels; a regression model answers its outputs.

        Examples:
          streamlearn answer out/model.safetensors --csv live.csv --follow
          streamlearn answer out/model.safetensors --arrow new.arrow --out answers.arrow
          streamlearn answer out/model.safetensors --command 'python3 read.py'
          streamlearn answer out/model.safetensors --mqtt mqtt://broker/plant/pump-7/rows --time t:ms --to mqtt://broker/plant/pump-7/answer
          streamlearn answer pump.safetensors --rows today.csv --scores

        Exit codes: 0 done; 2 bad command line; 130 interrupted; 69 no server; with --csv or --arrow 65 data refused and 73 cannot write,
        with --rows 1 a file is refused.
        """;

    internal static Command Create(TextReader input, Stream source, TextWriter output, TextWriter error)
    {
        Option<string?> rows = new("--rows")
        {
            Description = $"Rows in the model's input format: a file; {Choices.StandardInput}: standard input.",
            HelpName = "file",
        };
        Option<bool> scores = new("--scores")
        {
            Description = "Also print the score of every class or center after the answer; with --rows.",
        };
        rows.Check(static text => text == Choices.StandardInput || File.Exists(text) ? null
            : $"expected the path of a file, or {Choices.StandardInput}, got '{text}'");
        var command = new Command("answer", Description) { rows, scores };
        var live = new LiveOptions();
        live.AddTo(command);
        FitCommands.Answer(command, source);
        live.Out = command.Options.Single(static o => o.Name == "--out");
        live.Bound = (Option<double?>)command.Options.Single(static o => o.Name == "--bound");
        var model = (Argument<string>)command.Arguments.Single();
        model.Description = $"The file of a model; with --rows {ModelSource.Help}.";
        command.Check(result => live.IsGiven(result) ? live.Broken(result)
            : Broken(result.GetResult(rows), result.GetResult(scores), result) ?? live.Refused(result));
        var answer = (AsynchronousCommandLineAction)command.Action!;
        command.SetAction((result, cancellationToken) => live.IsGiven(result.CommandResult)
            ? Reporting.RunRowsAsync(
                () => LiveAnswers.RunAsync(new(result.GetRequiredValue(model)), live.Of(result), cancellationToken), Console.Error)
            : result.GetValue(rows) is { } name
            ? Reporting.RunRowsAsync(() => Reporting.Blocking(
                () => Run(result.GetRequiredValue(model), name, result.GetValue(scores), input, output, error), cancellationToken), error)
            : answer.InvokeAsync(result, cancellationToken));
        return command;
    }

    private static string? Broken(OptionResult? rows, OptionResult? scores, CommandResult result)
    {
        var others = result.Children.OfType<OptionResult>()
            .Where(o => !o.Implicit && o != rows && o != scores).Select(static o => o.Option.Name).ToList();
        if (rows is null)
        {
            return scores is { Implicit: false } ? "--scores: expected --rows FILE, rows in the model's input format"
                : others.Contains("--csv") || others.Contains("--arrow") ? null
                : "answer: expected --csv, --arrow, --command, --serial, --mqtt, --nats or --rows, the source of the rows";
        }

        var model = result.GetValue<string>("model")!;
        return others is [var other, ..] ? $"{other}: leave it out; --rows are not prepared for the model"
            : ModelSource.Mismatch(model) is { } problem ? $"model: {problem}" : null;
    }

    private static int Run(string model, string name, bool scores, TextReader input, TextWriter output, TextWriter error)
    {
        if (ModelSource.Load(model, error) is not { } loaded) { return ExitCode.Refused; }
        try
        {
            using var file = name == Choices.StandardInput ? null : Open(name);
            var (left, unanswered) = Run(loaded, file ?? input, scores, output);
            if (left > 0)
            {
                error.WriteLine($"streamlearn: {name}: the last {left} lines are not a whole row, which has "
                    + $"{loaded.Model.Plan.Input.Samples} lines");
            }

            if (unanswered > 0)
            {
                error.WriteLine($"streamlearn: {name}: {unanswered} rows have no answer, but an empty line: their values are too large");
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
            output.WriteLine(isFinite ? answers.Of(outputs) : "");       // a line per row, in order
        }

        return (rows.LeftOver, unanswered);
    }
}
