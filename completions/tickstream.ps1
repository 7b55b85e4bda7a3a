# PowerShell completion of tickstream, written by `tickstream completion powershell`.

$tickstreamCommands = @{
    '' = @{ options = @('--version', '-h', '--help'); arguments = @('watch', 'quotes', 'market', 'hours', 'profile', 'record', 'search', 'serve', 'simulate', 'doctor', 'config', 'completion', 'help') }
    'watch' = @{ options = @('--json', '--csv', '--events', '--once', '--count', '--for', '--timeout', '--source', '--demo', '--api-key', '--speed', '--loop', '--from', '--record', '--rotate', '--force', '--columns', '--format', '--alert', '--until', '--on-alert', '--notify', '--sort', '--fps', '--max-symbols', '--position', '--currency', '--screen-reader', '--no-color', '--colors', '--ascii', '--log-level', '--debug', '--config', '-h', '--help'); arguments = @('<symbols>') }
    'quotes' = @{ options = @('--json', '--once', '--interval', '--count', '--for', '--timeout', '--source', '--demo', '--api-key', '--no-color', '--colors', '--ascii', '--log-level', '--debug', '--config', '-h', '--help'); arguments = @('<symbols>') }
    'market' = @{ options = @('--json', '--once', '--interval', '--count', '--for', '--timeout', '--source', '--demo', '--api-key', '--no-color', '--colors', '--ascii', '--log-level', '--debug', '--config', '-h', '--help'); arguments = @() }
    'hours' = @{ options = @('--all', '--json', '--once', '--interval', '--count', '--for', '--timeout', '--source', '--demo', '--api-key', '--no-color', '--colors', '--ascii', '--log-level', '--debug', '--config', '-h', '--help'); arguments = @('XNYS', 'XNAS', 'XLON', 'XETR', 'XPAR', 'XTKS', 'XHKG', 'XSHG', 'XNSE', 'XTSE', 'XAMS', 'XBRU', 'XLIS', 'XDUB', 'XMIL', 'XMAD', 'XSWX', 'XWBO', 'XSTO', 'XHEL', 'XCSE', 'XOSL', 'XWAR', 'XJSE', 'XTAE', 'XSAU', 'XBOM', 'XSES', 'XSHE', 'XTAI', 'XKRX', 'XASX', 'BVMF', 'XMEX', 'CRYPTO') }
    'profile' = @{ options = @('--json', '--once', '--interval', '--count', '--for', '--timeout', '--source', '--demo', '--api-key', '--no-color', '--colors', '--ascii', '--log-level', '--debug', '--config', '-h', '--help'); arguments = @('<symbols>') }
    'record' = @{ options = @('--rotate', '--force', '--count', '--for', '--timeout', '--source', '--demo', '--api-key', '--speed', '--loop', '--from', '--max-symbols', '--log-level', '--debug', '--config', '-h', '--help'); arguments = @('<files>', '<symbols>') }
    'search' = @{ options = @('--json', '--timeout', '--source', '--demo', '--log-level', '--debug', '--config', '-h', '--help'); arguments = @() }
    'serve' = @{ options = @('--host', '--port', '--source', '--demo', '--speed', '--loop', '--from', '--interval', '--redis-url', '--upstream-rate', '--require-key', '--keys', '--new-key', '--allow-anonymous', '--allow-origin', '--allow-host', '--trusted-proxy', '--tls-cert', '--tls-key', '--max-clients', '--max-per-address', '--max-per-key', '--max-per-day', '--max-symbols', '--max-commands', '--log-level', '--debug', '--config', '-h', '--help'); arguments = @() }
    'simulate' = @{ options = @('--port', '--host', '--seed', '--rate', '--session', '--snapshot-delay', '--fault', '--config', '-h', '--help'); arguments = @() }
    'doctor' = @{ options = @('--json', '--source', '--demo', '--api-key', '--redis-url', '--no-color', '--colors', '--ascii', '--log-level', '--debug', '--config', '-h', '--help'); arguments = @() }
    'config' = @{ options = @('--config', '--init', '--edit', '--check', '--debug', '-h', '--help'); arguments = @() }
    'completion' = @{ options = @('--debug', '-h', '--help'); arguments = @('bash', 'zsh', 'fish', 'powershell') }
    'help' = @{ options = @('--man', '--debug', '-h', '--help'); arguments = @() }
}
$tickstreamOptions = @{
    '--count' = @()
    '--for' = @()
    '--timeout' = @()
    '--api-key' = @()
    '--from' = @()
    '--rotate' = @()
    '--on-alert' = @()
    '--fps' = @()
    '--max-symbols' = @()
    '--currency' = @()
    '--interval' = @()
    '--host' = @()
    '--port' = @()
    '--redis-url' = @()
    '--upstream-rate' = @()
    '--new-key' = @()
    '--allow-origin' = @()
    '--allow-host' = @()
    '--trusted-proxy' = @()
    '--max-clients' = @()
    '--max-per-address' = @()
    '--max-per-key' = @()
    '--max-per-day' = @()
    '--max-commands' = @()
    '--seed' = @()
    '--rate' = @()
    '--snapshot-delay' = @()
    '--fault' = @()
    '--source' = @('yahoo', 'demo', '<files>')
    '--speed' = @('max')
    '--record' = @('<files>')
    '--config' = @('<files>')
    '--keys' = @('<files>')
    '--tls-cert' = @('<files>')
    '--tls-key' = @('<files>')
    '--columns' = @('symbol', 'name', 'last', 'chg', 'chg%', 'ext', 'ext-chg', 'ext%', 'position', 'cost', 'value', 'day', 'gain', 'gain%', 'weight', 'range', 'year', 'trend', 'volume', 'open', 'prev', 'high', 'low', 'bid', 'ask', 'spread', 'size', 'cap', 'exchange', 'currency', 'sess', 'lag', 'age')
    '--format' = @('line', 'tmux', 'waybar', 'polybar', 'i3blocks', 'i3bar')
    '--alert' = @('<symbols>')
    '--until' = @('<symbols>')
    '--position' = @('<symbols>')
    '--notify' = @('bell', 'terminal', 'desktop', 'none')
    '--sort' = @('given', 'symbol', 'name', 'last', 'chg', 'chg%', 'volume', 'open', 'prev', 'high', 'low', 'bid', 'ask', 'size', 'cap', 'exchange', 'currency', 'sess', 'position', 'cost', 'value', 'day', 'gain', 'gain%', 'weight', 'age')
    '--colors' = @('green-up', 'red-up', 'blue-orange', 'none')
    '--log-level' = @('debug', 'info', 'warning', 'error')
    '--session' = @('real', 'pre', 'regular', 'post', 'overnight', 'closed')
}

Register-ArgumentCompleter -Native -CommandName tickstream -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $typed = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { "$_" })
    $command = ''
    for ($i = 0; $i -lt $typed.Count; $i++) {
        if ($tickstreamOptions.ContainsKey($typed[$i])) { $i++ }
        elseif (-not $typed[$i].StartsWith('-')) { $command = $typed[$i]; break }
    }
    if (-not $tickstreamCommands.ContainsKey($command)) { return }
    if ($typed.Count -and $tickstreamOptions.ContainsKey($typed[-1])) {
        $words = $tickstreamOptions[$typed[-1]]
    }
    elseif ($wordToComplete.StartsWith('-')) { $words = $tickstreamCommands[$command].options }
    else { $words = $tickstreamCommands[$command].arguments }
    foreach ($word in $words) {
        if ($word -eq '<symbols>') {
            tickstream completion symbols "$wordToComplete" 2>$null | ForEach-Object {
                $name, $says = $_ -split "`t", 2
                # @ begins something else in PowerShell, unless it is quoted.
                $text = if ($name.StartsWith('@')) { "'$name'" } else { $name }
                $says = "$name $says"
                [System.Management.Automation.CompletionResult]::new($text, $name, 'ParameterValue', $says)
            }
        }
        elseif ($word -eq '<files>') {
            [System.Management.Automation.CompletionCompleters]::CompleteFilename($wordToComplete)
        }
        elseif ($word -like "$wordToComplete*") {
            [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $word)
        }
    }
}
