using TauDemo;

return await CommandLine.Create().Parse(args).InvokeAsync().ConfigureAwait(false);
