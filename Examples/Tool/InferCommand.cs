using System.CommandLine;
using StreamLearn.Learning;

namespace Tool;

/// <summary><c>infer</c>: what a model answers to rows.</summary>
internal static class InferCommand
{
    internal const string StandardInput = "-";

    private const string Description = """
        Answers rows of comma-separated numbers, a line for each as soon as it has come, with the last exit of a network.

        The first line of the rows names the columns. Those that the model names are found by name, others are not looked at; a model
        without names takes all columns in their order. Where the model takes windows, as many lines as a channel has samples are one row.
        Classes and centers are answered by label, or number without labels; a model of values answers its outputs.
        """;

    internal static Command Create(TextReader input, TextWriter output, TextWriter error)
    {
        Argument<string> model = new("model") { Description = $"What answers: {ModelSource.Help}." };
        Option<string> rows = new("--rows")
        {
            Description = $"The rows: the path of a file; {StandardInput}: standard input.",
            HelpName = "file",
            Required = true,
        };
        Option<bool> scores = new("--scores") { Description = "Print the score of every class or center after the answer, too." };
        model.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && ModelSource.Misfit(token.Value) is { } problem) { result.AddError($"model: {problem}"); }
        });
        rows.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value != StandardInput && !File.Exists(token.Value))
            {
                result.AddError($"--rows: expected the path of a file, or {StandardInput}, got '{token.Value}'");
            }
        });
        var command = new Command("infer", Description) { model, rows, scores };
        command.SetAction(result =>
        {
            if (ModelSource.Load(result.GetRequiredValue(model), error) is not { } loaded) { return ExitCode.Refused; }
            var name = result.GetRequiredValue(rows);
            try
            {
                using var file = name == StandardInput ? null : Open(name);
                var left = Run(loaded, file ?? input, result.GetValue(scores), output);
                if (left > 0)
                {
                    error.WriteLine($"streamlearn: {name}: {left} lines left over, a row takes {loaded.Model.Plan.Input.Samples}");
                }

                return ExitCode.Done;
            }
            catch (RowsException problem)
            {
                error.WriteLine($"streamlearn: {name}: {problem.Message}");
                return ExitCode.Refused;
            }
        });
        return command;
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

    /// <summary>Answers row after row, and gives the number of lines left over.</summary>
    private static int Run(LoadedModel loaded, TextReader reader, bool scores, TextWriter output)
    {
        var plan = loaded.Model.Plan;
        var rows = new CsvRows(reader, plan.Input, [.. ModelText.Columns(loaded).Select(f => f.Name)]);
        var answers = new Answers(plan, loaded.Card.Labels, scores);
        var (row, outputs, memory) = (new float[plan.Input.Size], new float[plan.Outputs], new Workspace());
        output.WriteLine(answers.Head());
        while (rows.Next(row))
        {
            loaded.Model.Infer(loaded.Weights.Values.AsSpan(), new(row, 1), outputs, memory);
            output.WriteLine(answers.Of(outputs));
        }

        return rows.LeftOver;
    }
}
