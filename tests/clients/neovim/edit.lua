-- Neovim without a window, with the language server: what it says of a file that is open, and what
-- it completes. Ends with 1 and a message where something is not as it should be.
--
-- Since Debian's Neovim is 0.7, it is started by what all versions have; docs/editors.md has the
-- lines for 0.11.
local folder = vim.fn.tempname()
vim.fn.mkdir(folder .. '/specs', 'p')
local file = folder .. '/specs/shop.yaml'
local lines = {
  'counterpart: 1',
  'vendor: shop',
  'servers: [{url: /v1}]',
  'mediaTypes: {application/json: {wire: json}}',
  'produces: [application/json]',
  'errors:',
  '  NotFound: {status: 404, text: not there}',
  'operations:',
  '  - operationId: read_order',
  '    method: GET',
  '    path: /orders',
  '    steps:',
  '      - reject: NotFoud',
}
vim.fn.writefile(lines, file)

local function fail(why)
  io.stderr:write(why .. '\n')
  vim.cmd('cquit 1')
end

local function main()
  vim.cmd('edit ' .. file)
  local buffer = vim.api.nvim_get_current_buf()
  local client = vim.lsp.start_client({
    name = 'counterpart',
    cmd = { vim.env.COUNTERPART_MOCK, 'lsp' },
    root_dir = folder,
  })
  vim.lsp.buf_attach_client(buffer, client)
  local found
  local told = vim.wait(60000, function()
    found = vim.diagnostic.get(buffer)
    return #found > 0
  end, 20)
  if not told then return fail('Neovim is told nothing of the mistake') end
  if #found ~= 1 or found[1].lnum ~= 12 or not found[1].message:find('NotFoud', 1, true) then
    return fail('it is told otherwise: ' .. vim.inspect(found))
  end
  local asked = vim.lsp.buf_request_sync(buffer, 'textDocument/completion', {
    textDocument = { uri = vim.uri_from_bufnr(buffer) },
    position = { line = 12, character = 19 },
  }, 60000)
  local answer = asked and asked[client] and asked[client].result
  for _, item in ipairs(answer and (answer.items or answer) or {}) do
    if item.label == 'NotFound' then
      vim.lsp.stop_client(client)
      vim.fn.delete(folder, 'rf')
      return vim.cmd('qall!')
    end
  end
  fail('NotFound is not completed: ' .. vim.inspect(asked))
end

local well, why = pcall(main)
if not well then fail(tostring(why)) end
